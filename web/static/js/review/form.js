/** The scorecard and the findings as they are on the screen: filled from a draft, read back as one. */
import { clock } from "../player/time.js";

const DEFAULTS = { kind: "breach", category: "other", text: "", clause_id: null };

export class Form {
  constructor(root, player, writable, changed) {
    this.root = root;
    this.writable = writable;
    this.player = player;
    this.changed = changed;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.criteria = [...root.querySelectorAll("[data-criterion]")];
    this.remark = root.querySelector("[data-whole-remark]");
    for (const place of root.querySelectorAll(".scorecard input, .scorecard textarea"))
      if (place.type !== "hidden") place.addEventListener("input", () => changed());
    for (const row of this.criteria) row.addEventListener("input", () => this.#reflect(row));
  }

  fill({ marks, findings, remark }) {
    for (const row of this.criteria) {
      const mark = marks[row.dataset.criterion] ?? {};
      row.querySelector("[data-points]").value = mark.points ?? "";
      row.querySelector("[data-remark]").value = mark.remark ?? "";
      const failed = row.querySelector("[data-failed]");
      if (failed) failed.checked = mark.critical_failed ?? false;
      const leftOut = row.querySelector("[data-left-out]");
      if (leftOut) leftOut.checked = mark.not_applicable ?? false;
      this.#reflect(row);
    }
    this.remark.value = remark;
    this.part("findings").replaceChildren();
    for (const finding of findings) this.#add(finding);
    this.#count();
  }

  read() {
    const marks = {};
    for (const row of this.criteria) {
      const points = row.querySelector("[data-points]").value;
      const leftOut = isLeftOut(row);
      marks[row.dataset.criterion] = {
        points: points === "" || leftOut ? null : Math.round(Number(points)),
        critical_failed: !leftOut && (row.querySelector("[data-failed]")?.checked ?? false),
        remark: row.querySelector("[data-remark]").value,
        not_applicable: leftOut,
      };
    }
    return { marks, findings: [...this.part("findings").children].map((row) => row.finding()), remark: this.remark.value };
  }

  /** The first criterion whose number is none that it can have: then nothing is sent. */
  unfit() {
    return this.criteria.find((row) => !row.querySelector("[data-points]").validity.valid);
  }

  note() {
    const atS = Math.round((this.player?.audio.currentTime ?? 0) * 10) / 10;
    const row = this.#add({ ...DEFAULTS, key: identity(), at_s: atS });
    this.#count();
    this.changed();
    row.querySelector('[data-field="text"]').focus();
  }

  full() {
    for (const row of this.criteria) {
      const points = row.querySelector("[data-points]");
      if (points.value === "" && !isLeftOut(row)) points.value = row.dataset.weight;
    }
    this.changed();
  }

  /** The first criterion without points, as far as it applies. */
  open() {
    return this.criteria.find((row) => !isLeftOut(row) && row.querySelector("[data-points]").value === "");
  }

  /** The first criterion that is marked down, or left out, without a word why. */
  unreasoned() {
    return this.criteria.find((row) => this.owesReason(row));
  }

  owesReason(row) {
    return needsReason(row) && row.querySelector("[data-remark]").value.trim() === "";
  }

  /** Whether a critical criterion was failed: then the score is 0, whatever else is given. */
  failed() {
    return this.criteria.some((row) => !isLeftOut(row) && row.querySelector("[data-failed]")?.checked);
  }

  /** What does not apply takes no points; that asks for its reason, as what is marked down does. */
  #reflect(row) {
    const leftOut = isLeftOut(row);
    for (const field of row.querySelectorAll("[data-points], [data-failed]")) field.disabled = leftOut || !this.writable;
    row.classList.toggle("is-left-out", leftOut);
    row.querySelector("[data-remark]").required = needsReason(row);
  }

  #add(finding) {
    const row = this.part("finding").content.firstElementChild.cloneNode(true);
    const field = (name) => row.querySelector(`[data-field="${name}"]`);
    field("at").textContent = clock(finding.at_s);
    field("at").addEventListener("click", () => this.player?.seek(finding.at_s));
    for (const name of ["text", "kind", "category", "clause_id"]) {
      field(name).value = finding[name] ?? "";
      field(name).disabled = !this.writable;
      field(name).addEventListener("input", () => this.changed());
    }
    field("remove").hidden = !this.writable;
    field("remove").addEventListener("click", () => {
      row.remove();
      this.#count();
      this.changed();
    });
    row.finding = () => ({
      key: finding.key,
      at_s: finding.at_s,
      text: field("text").value,
      kind: field("kind").value,
      category: field("category").value,
      clause_id: field("clause_id").value || null,
    });
    const later = [...this.part("findings").children].find((other) => other.finding().at_s > finding.at_s);
    this.part("findings").insertBefore(row, later ?? null);
    return row;
  }

  #count() {
    this.part("no-findings").hidden = this.part("findings").children.length > 0;
  }
}

function isLeftOut(row) {
  return row.querySelector("[data-left-out]")?.checked ?? false;
}

function needsReason(row) {
  if (isLeftOut(row)) return !("reasonless" in row.dataset);
  const points = row.querySelector("[data-points]").value;
  return row.querySelector("[data-failed]")?.checked || (points !== "" && Number(points) < Number(row.dataset.weight));
}

/** A UUID of version 4; `crypto.randomUUID` is not there on plain HTTP. */
export function identity() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
