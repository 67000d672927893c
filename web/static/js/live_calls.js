/**
 * The live page: every call in progress, by server-sent events. A row stays the node it is as long as its
 * call lasts; only what differs is written, as text.
 */
import { Stream } from "./stream.js";

const TYPING = "input, select, textarea, [contenteditable]";

class Scene {
  constructor(root) {
    this.root = root;
    this.template = root.querySelector("template");
    this.rows = root.querySelector("tbody");
    this.ahead = Date.parse(root.dataset.now) - Date.now(); // the browser's clock may be wrong
    setInterval(() => this.tick(), 1000);
    this.rows.addEventListener("click", (event) => {
      if (event.target.closest("[data-listen-button]")) this.listen(event.target.closest("tr"));
    });
    document.addEventListener("keydown", (event) => this.#key(event));
    new Stream(root, root.dataset.url, {
      clock: (data) => (this.ahead = Date.parse(data) - Date.now()),
      scene: (data) => this.show(JSON.parse(data)),
      levels: (data) => this.showLevels(JSON.parse(data)),
    });
    this.tick();
  }

  show({ count, calls }) {
    say(this.root.querySelector("[data-scene-count]"), count);
    const known = new Map([...this.rows.children].map((row) => [row.dataset.url, row]));
    calls.forEach((call, i) => {
      const row = known.get(call.url) ?? this.template.content.firstElementChild.cloneNode(true);
      known.delete(call.url);
      this.#write(row, call);
      if (this.rows.children[i] !== row) this.rows.insertBefore(row, this.rows.children[i] ?? null);
    });
    for (const row of known.values()) row.remove();
    this.root.classList.toggle("is-quiet", calls.length === 0);
    this.root.querySelector("[data-scene-table]").hidden = calls.length === 0;
    this.root.querySelector("[data-scene-keys]").hidden = calls.length === 0;
    this.root.querySelector("[data-scene-empty]").hidden = calls.length > 0;
    this.tick();
  }

  showLevels(levels) {
    for (const row of this.rows.children)
      for (const place of row.querySelectorAll("[data-side]"))
        mark(place, "data-level", String(levels[row.dataset.url]?.[Number(place.dataset.side)] ?? 0));
  }

  /** Have the page's listener hear a call (web/static/js/listen/main.js). */
  listen(row) {
    if (!row?.querySelector("[data-listen-button]")) return;
    const texts = ["office", "line", "number", "who"].map((name) => row.querySelector(`[data-field="${name}"]`));
    const name = texts.flatMap((place) => place?.textContent || []).join(" · ");
    const { listen, recording, url } = row.dataset;
    document.dispatchEvent(new CustomEvent("listen", { detail: { listen, recording, url, name } }));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches(TYPING)) return;
    const rows = [...this.rows.children];
    const here = rows.indexOf(event.target.closest?.("tr"));
    if (event.key === "l" || event.key === "L") return this.listen(rows[here] ?? rows.find((row) => row.dataset.state === "talking") ?? rows[0]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !rows.length || (here < 0 && event.target !== document.body)) return;
    event.preventDefault();
    rows[here < 0 ? 0 : Math.min(Math.max(0, here + step), rows.length - 1)].querySelector("a").focus();
  }

  #write(row, call) {
    for (const place of row.querySelectorAll("[data-field]")) say(place, call[place.dataset.field]);
    for (const place of row.querySelectorAll("[data-from]")) mark(place, "data-since", call[place.dataset.from]);
    mark(row.querySelector("a"), "href", call.url);
    for (const name of ["url", "listen", "recording"]) mark(row, `data-${name}`, call[name]);
    mark(row, "data-state", call.state);
  }

  tick() {
    for (const place of this.rows.querySelectorAll("[data-since]"))
      say(place, place.dataset.since ? lasts(Date.now() + this.ahead - Date.parse(place.dataset.since)) : "–");
  }
}

/** A length as the server writes it: 1:02:03 or 2:03. */
function lasts(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Write a text where it differs, so that nothing is read out twice. */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

function mark(place, name, value) {
  if (place.getAttribute(name) !== value) place.setAttribute(name, value);
}

for (const root of document.querySelectorAll("[data-scene]")) new Scene(root);
