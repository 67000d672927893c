/**
 * One listening: opened on the server before the first byte is asked for, reported every few seconds which
 * stretches were played, and ended when the page is left. The media element keeps the union of what it
 * played by itself (`played`), so every report is whole and a lost one does no harm.
 */
import { post } from "../post.js";

const REPORT_EVERY_MS = 4000;

export class Listening {
  constructor(audio, urls) {
    this.audio = audio;
    this.urls = urls;
    this.opened = null;
    this.opening = null;
    this.sent = "";
    this.owed = false; // the last report did not arrive
    setInterval(() => (this.audio.paused && !this.owed) || this.report(), REPORT_EVERY_MS);
    for (const event of ["pause", "ended"]) audio.addEventListener(event, () => this.report());
    document.addEventListener("visibilitychange", () => document.hidden && this.report());
    addEventListener("pagehide", () => this.end());
  }

  /** Give the media element its address, once; the position asked for meanwhile is kept. */
  begin() {
    this.opening ??= this.#open().finally(() => (this.opening = null));
    return this.opened ? Promise.resolve() : this.opening;
  }

  async #open() {
    const at = this.audio.currentTime;
    const answer = await post(this.urls.open, {}, { keepalive: true });
    if (!answer.ok) throw new Error(`listening refused: ${answer.status}`);
    this.opened = await answer.json();
    this.sent = "";
    this.audio.src = this.opened.audio;
    if (at > 0) this.audio.currentTime = at;
  }

  /** Report to the server what was played so far. What did not arrive is sent again with the next report. */
  async report(ended = false) {
    if (!this.opened) return;
    const { played } = this.audio;
    const stretches = Array.from({ length: played.length }, (_, i) => [played.start(i), played.end(i)]);
    const body = { stretches, ended };
    const text = JSON.stringify(body);
    if (text === this.sent) return;
    this.sent = text;
    const { heard } = this.opened;
    if (ended) this.opened = null;
    const status = await post(heard, body, { keepalive: true }).then((answer) => answer.status, () => 0);
    const newest = text === this.sent; // it says all that those before it said
    if (newest) this.owed = status !== 200;
    if (status === 200) this.audio.dispatchEvent(new CustomEvent("heard", { bubbles: true }));
    if (status === 200 || ended || this.opened?.heard !== heard) return;
    if (status === 409) await this.#anew();
    else if (newest) this.sent = "";
  }

  /** The server has ended the listening: begin another, and go on where one was. */
  async #anew() {
    const playing = !this.audio.paused;
    this.opened = null;
    this.owed = false;
    if (!playing) return; // the next play begins it
    try {
      await this.begin();
      await this.audio.play();
    } catch {
      this.audio.pause(); // refused: what is heard must be written down
    }
  }

  end() {
    this.audio.pause();
    return this.report(true);
  }
}
