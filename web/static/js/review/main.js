/** The review room: player, scorecard and findings under one set of keys; see the foot of the page. */
import { post } from "../post.js";
import { Form } from "./form.js";
import { Saving } from "./saving.js";

const HOLD_EVERY_MS = 5 * 60_000;
const STEP_S = 5;

class Review {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.room = JSON.parse(root.dataset.room);
    this.player = root.querySelector("[data-player]")?.player;
    this.form = new Form(root, this.player, this.room.writable, () => this.#changed());
    this.form.fill(this.room.content);
    this.saving = new Saving(
      { ...this.room, content: this.form.read() },
      () => this.form.read(),
      () => !this.form.unfit(),
      (word, reply) => this.#said(word, reply),
    );
    this.enough = this.room.heard_s >= this.room.required_s;
    this.warned = false;
    this.#aside();
    this.#wire();
    this.points[0]?.focus();
  }

  get points() {
    return [...this.root.querySelectorAll("[data-points]:not(:disabled)")];
  }

  #wire() {
    wireActs(this.root, { note: () => this.#note(), full: () => this.#full() });
    document.addEventListener("keydown", (event) => this.#key(event));
    for (const field of this.points) field.addEventListener("focus", () => field.select());
    this.root.addEventListener("heard", () => this.#hold());
    setInterval(() => document.hidden || this.#hold(), HOLD_EVERY_MS);
    this.part("submit")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.repeat && /^F\d/.test(event.key)) return void event.preventDefault(); // held, not pressed again
    const giving = event.target.matches("[data-points]");
    const act = this.#everywhere(event.key) ?? (giving ? this.#giving(event) : this.#reasoning(event));
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #everywhere(key) {
    return {
      F2: () => this.player?.toggle(),
      F4: () => this.#note(),
      F8: () => this.#full(),
      F9: () => this.#submit(),
      Escape: () => this.#backToPoints()?.focus(),
    }[key];
  }

  #giving(event) {
    const row = event.target.closest("[data-criterion]");
    this.last = event.target;
    const at = () => this.player?.audio.currentTime ?? 0;
    return {
      Enter: () => (this.form.owesReason(row) ? row.querySelector("[data-remark]") : this.#after(row)).focus(),
      " ": () => this.player?.toggle(),
      ArrowLeft: () => this.player?.seek(at() - STEP_S),
      ArrowRight: () => this.player?.seek(at() + STEP_S),
      "-": () => this.player?.faster(-1),
      "+": () => this.player?.faster(1),
      "=": () => this.player?.faster(1),
      x: () => row.querySelector("[data-failed]")?.click(),
      n: () => this.#leaveOut(row),
      r: () => row.querySelector("[data-remark]").focus(),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  }

  #changed() {
    this.saving.changed();
    this.#settle();
    if (this.form.failed()) this.#scored(this.room.failed); // at once; the server says the same when it has saved it
  }

  /** Left out by its key, a criterion asks for its reason at once. */
  #leaveOut(row) {
    const box = row.querySelector("[data-left-out]");
    if (!box) return;
    box.click();
    (this.form.owesReason(row) ? row.querySelector("[data-remark]") : this.#after(row)).focus();
  }

  /** Where points were given last; where that criterion was left out since, the next that applies, or the one before. */
  #backToPoints() {
    const { points, last } = this;
    if (!last || points.includes(last)) return last ?? points[0];
    const isAfter = (one) => last.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
    return points.find(isAfter) ?? points.at(-1);
  }

  /** In a criterion's remark, Enter goes on. */
  #reasoning(event) {
    const row = event.target.matches("[data-remark]") && event.target.closest("[data-criterion]");
    return row && event.key === "Enter" ? () => this.#after(row).focus() : null;
  }

  /** What comes after a criterion: the points of the next that applies, at last the remark on all. */
  #after(row) {
    const rows = this.form.criteria;
    const next = rows.slice(rows.indexOf(row) + 1).map((one) => one.querySelector("[data-points]:not(:disabled)"));
    return next.find(Boolean) ?? this.root.querySelector("[data-whole-remark]");
  }

  #note() {
    if (this.room.writable) this.form.note();
  }

  #full() {
    if (this.room.writable) this.form.full();
  }

  async #submit() {
    const form = this.part("submit");
    if (!form || this.sending) return;
    this.sending = true;
    try {
      const { texts } = this.room;
      if (this.#asks(() => this.form.unfit(), texts.unfit, "[data-points]")) return;
      if (!(await this.saving.flush())) return;
      if (this.#asks(() => this.form.open(), texts.missing, "[data-points]")) return;
      if (this.#asks(() => this.form.unreasoned(), texts.reason, "[data-remark]")) return;
      if (!this.enough && !this.warned && this.room.required_s > 0) {
        this.warned = true;
        this.#notify(texts.early, () => !this.enough);
      } else {
        form.elements.version.value = this.saving.version;
        this.gone = true; // what is submitted is submitted once
        form.submit();
      }
    } finally {
      this.sending = this.gone === true;
    }
  }

  /** Whether a criterion still lacks something: the notice stays until it lacks nothing, and its field has the focus. */
  #asks(lacking, text, field) {
    const row = lacking();
    if (!row) return false;
    this.#notify(text, lacking);
    row.querySelector(field).focus();
    return true;
  }

  async #hold() {
    const answer = await post(this.room.urls.hold, {}).catch(() => null);
    if (!answer?.ok) return;
    const reply = await answer.json();
    if (reply.outcome === "not_in_hand") this.#said("not_in_hand", reply);
    this.#measured(reply);
    if (reply.counting === "counts" && !this.room.counted) location.reload();
  }

  #measured(reply) {
    this.enough = reply.heard_s >= reply.required_s;
    this.part("heard").textContent = reply.heard_text;
    this.part("heard-bar").value = reply.heard_s;
    this.part("heard-bar").max = reply.required_s || 1;
    if (!this.form.failed()) this.#scored(reply);
    this.#settle();
  }

  #scored(reply) {
    this.part("score").textContent = reply.score ?? "–";
    const grade = this.part("grade");
    grade.hidden = !reply.grade;
    grade.textContent = reply.grade;
    grade.className = `badge ${reply.tone}`;
  }

  #said(word, reply) {
    const { texts } = this.room;
    this.part("state").textContent = texts[word] && !["set_aside", "submitted", "not_in_hand"].includes(word) ? texts[word] : "";
    if (reply) this.#measured(reply);
    if (["set_aside", "submitted"].includes(word)) this.#notify(texts[word]);
    if (word === "not_in_hand") {
      this.#notify(texts.not_in_hand.replace("%(name)s", reply.holder || texts.nobody));
      this.part("retake").hidden = false;
    }
  }

  /** `still`: whether what the notice says is still so. */
  #notify(text, still = () => true) {
    this.still = still;
    const notice = this.part("notice");
    notice.hidden = false;
    notice.querySelector("p").textContent = text;
    notice.scrollIntoView({ block: "nearest" });
  }

  /** A notice of what is settled since goes. */
  #settle() {
    if (this.still && !this.still()) this.part("notice").hidden = true;
  }

  #aside() {
    const place = this.part("aside");
    place.hidden = this.room.aside.length === 0;
    for (const { window: other, content, at } of this.room.aside) {
      const row = place.querySelector("template").content.firstElementChild.cloneNode(true);
      const field = (name) => row.querySelector(`[data-field="${name}"]`);
      field("at").textContent = at;
      field("remark").textContent = [content.remark, ...content.findings.map((one) => one.text)].filter(Boolean).join(" · ");
      field("use").hidden = !this.room.writable;
      field("use").addEventListener("click", () => {
        if (!confirm(this.room.texts.use)) return;
        this.form.fill(content);
        this.saving.changed();
      });
      field("drop").addEventListener("click", async () => {
        if (!confirm(this.room.texts.drop)) return;
        const url = this.room.urls.aside.replace("00000000-0000-0000-0000-000000000000", other);
        if ((await post(url, {})).ok) row.remove();
      });
      place.querySelector("ul").append(row);
    }
  }
}

function wireActs(root, acts) {
  for (const button of root.querySelectorAll("[data-act]")) button.addEventListener("click", acts[button.dataset.act]);
}

for (const root of document.querySelectorAll("[data-review]")) root.review = new Review(root);
