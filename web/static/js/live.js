/**
 * Keeps a list fresh: asks the server every few seconds for its numbers and for what goes on at this moment,
 * and fetches the first page's table again when something changed. Everything shown comes from the page's own
 * markup (a <template>) and is set as text.
 */
import { ALONE, isShutOut } from "./stream.js";

const PAUSE_MS = 4000;
const PATIENCE = 20; // a slow answer makes the pauses longer, so that the database gets its rest

class Live {
  constructor(root) {
    this.root = root;
    this.template = root.querySelector("template");
    this.list = root.querySelector("[data-live-list]");
    this.table = document.querySelector("[data-live-table]");
    this.stamp = root.dataset.stamp;
    this.again(PAUSE_MS);
    setInterval(() => this.tick(), 1000);
    this.tick();
  }

  again(ms) {
    setTimeout(() => this.look(), ms);
  }

  async look() {
    const began = performance.now();
    try {
      if (!document.hidden) await this.refresh();
      this.root.classList.remove("is-away");
    } catch {
      this.root.classList.add("is-away");
    }
    this.again(Math.max(PAUSE_MS, PATIENCE * (performance.now() - began)));
  }

  async refresh() {
    const answer = await fetch(this.root.dataset.url, { headers: { Accept: "application/json", ...ALONE } });
    if (isShutOut(answer)) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const news = await answer.json();
    for (const [name, text] of Object.entries(news.texts))
      for (const place of document.querySelectorAll(`[data-live-text="${name}"]`)) say(place, text);
    this.#cards(news.in_progress);
    this.root.classList.toggle("is-quiet", news.in_progress.length === 0);
    this.tick();
    if (news.stamp !== this.stamp) await this.#reload(news.stamp);
  }

  async #reload(stamp) {
    if (!this.table || this.root.dataset.turned) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html", ...ALONE } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live-table]");
    if (!fresh) return;
    const focused = this.table.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const rows = this.table.querySelector("tbody");
    const freshRows = fresh.querySelector("tbody");
    if (rows && freshRows) {
      renew(rows, [...freshRows.children]);
      renew(this.table, [...fresh.children], rows.closest(".table-wrap"), freshRows.closest(".table-wrap"));
    } else this.table.replaceChildren(...fresh.childNodes);
    if (focused && !this.table.contains(document.activeElement))
      this.table.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    this.stamp = stamp;
  }

  /** The cards stay the nodes they are; only what differs is written. */
  #cards(calls) {
    const known = new Map([...this.list.children].map((card) => [card.querySelector("a").getAttribute("href"), card]));
    calls.forEach((call, i) => {
      const card = known.get(call.url) ?? this.template.content.firstElementChild.cloneNode(true);
      known.delete(call.url);
      this.#write(card, call);
      if (this.list.children[i] !== card) this.list.insertBefore(card, this.list.children[i] ?? null);
    });
    for (const card of known.values()) card.remove();
  }

  #write(card, call) {
    for (const place of card.querySelectorAll("[data-field]")) say(place, call[place.dataset.field] ?? "");
    const link = card.querySelector("a");
    if (link.getAttribute("href") !== call.url) link.href = call.url;
    card.querySelector("[data-since]").dataset.since = call.since;
    card.dataset.state = call.state;
  }

  tick() {
    for (const place of this.root.querySelectorAll("[data-live-list] [data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(place.dataset.since)) / 1000));
      const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      say(place, text);
    }
  }
}

/** Write a text where it differs, so that nothing is read out twice. */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** Make the children of a place those of another page; a child that looks the same stays the node it is. */
function renew(place, fresh, kept = null, keptFresh = null) {
  const same = (one, other) => (one === kept && kept ? other === keptFresh : one.outerHTML === other.outerHTML);
  const looks = new Set(fresh.map((child) => child.outerHTML));
  for (const child of [...place.children]) if (child !== kept && !looks.has(child.outerHTML)) child.remove();
  let at = place.firstElementChild;
  for (const child of fresh) {
    if (at && same(at, child)) at = at.nextElementSibling;
    else place.insertBefore(child, at);
  }
  while (at) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
}

for (const root of document.querySelectorAll("[data-live]")) new Live(root);
