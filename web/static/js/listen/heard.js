/** What was heard of one listening: kept whole, reported every few seconds; a report that is lost does no harm. */
import { post } from "../post.js";

const EVERY_MS = 4000;
const TOUCHING_S = 0.02;

export class Heard {
  constructor(url) {
    this.url = url;
    this.stretches = [];
    this.sent = "";
    this.timer = setInterval(() => this.report(), EVERY_MS);
  }

  add(spans) {
    for (const [from, to] of spans) {
      if (to <= from) continue;
      const last = this.stretches.at(-1);
      if (last && from <= last[1] + TOUCHING_S && from >= last[0]) last[1] = Math.max(last[1], to);
      else this.stretches.push([from, to]);
    }
  }

  /** Report to the server; with `ended`, for the last time. */
  async report(ended = false) {
    const body = { stretches: this.stretches, ended };
    const text = JSON.stringify(body);
    if (text === this.sent) return;
    this.sent = text;
    const answer = await post(this.url, body, { keepalive: true }).catch(() => null);
    if (!answer?.ok && this.sent === text) this.sent = "";
  }

  end() {
    clearInterval(this.timer);
    return this.report(true);
  }
}
