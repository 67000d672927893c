/**
 * Keeps what is typed on the server, a moment after each change, on top of the version that this window knows.
 * One request at a time; what could not be sent is sent again, the same first, until it arrives. What another
 * window overtook is still kept, beside: see `aside`.
 */
import { post } from "../post.js";
import { identity } from "./form.js";

const QUIET_MS = 500;
const AGAIN_MS = 3000;

export class Saving {
  constructor(room, read, fits, say) {
    Object.assign(this, { room, read, fits, say });
    this.version = room.version;
    this.window = identity();
    this.kept = JSON.stringify(room.content);
    this.stopped = !room.writable;
    this.running = null;
    addEventListener("beforeunload", (event) => this.owes() && event.preventDefault());
    addEventListener("pagehide", () => this.owes() && this.#send(this.read(), true));
  }

  owes() {
    return !this.stopped && (this.dirty === true || this.sending === true);
  }

  changed() {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), QUIET_MS);
  }

  /** Save what is not saved yet; whether all of it is kept now. */
  async flush() {
    clearTimeout(this.timer);
    while (!this.stopped && this.dirty) {
      this.running ??= this.#once().finally(() => (this.running = null));
      if (!(await this.running)) return false;
    }
    return !this.stopped && !this.aside;
  }

  async #once() {
    if (!this.fits()) {
      this.say("unfit");
      return false;
    }
    const content = this.unanswered ?? this.read();
    const text = JSON.stringify(content);
    this.dirty = false;
    if (text === this.kept && !this.unanswered) return true;
    this.say("saving");
    this.sending = true; // until it is answered, it may still be cut off with the page
    const answer = await this.#send(content).catch(() => null);
    this.sending = false;
    if (!answer?.ok) {
      this.dirty = true;
      if (!answer) this.unanswered = content;
      const gone = answer && ([400, 401, 403].includes(answer.status) || answer.redirected);
      this.say(answer?.status === 422 ? "unfit" : gone ? "ended" : "away");
      this.timer = setTimeout(() => this.flush(), AGAIN_MS);
      return false;
    }
    const reply = await answer.json();
    this.unanswered = null;
    this.kept = text;
    if (reply.outcome === "saved" || reply.outcome === "not_in_hand") this.version = reply.version;
    else this.aside = true;
    if (JSON.stringify(this.read()) !== text) this.dirty = true;
    this.say(reply.outcome, reply);
    return true;
  }

  #send(content, leaving = false) {
    const body = { content, version: this.version, window: this.window };
    return post(this.room.urls.draft, body, { keepalive: leaving }); // browsers take no more than 64 KiB of these
  }
}
