/** What was heard of one listening: kept whole, told every few seconds; a report that is lost does no harm. */
const EVERY_MS = 4000;
const TOUCHING_S = 0.02;

export class Heard {
  constructor(url, csrf) {
    this.url = url;
    this.csrf = csrf;
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

  /** Tell the server; with `ended`, for the last time. */
  async report(ended = false) {
    const body = JSON.stringify({ stretches: this.stretches, ended });
    if (body === this.sent) return;
    this.sent = body;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.csrf };
    const answer = await fetch(this.url, { method: "POST", keepalive: true, headers, body }).catch(() => null);
    if (!answer?.ok && this.sent === body) this.sent = "";
  }

  end() {
    clearInterval(this.timer);
    return this.report(true);
  }
}
