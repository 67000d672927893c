/**
 * The line to the server while one listens to a call in progress: frames as web/live/frames.py writes them, from one
 * place on. It mends itself: whatever ends it, it connects again where the last byte was received.
 */
const PLACE = 1;
const SOUND = 2;
const STATE = 3;
const HEAD_BYTES = 8;
const DEAD_MS = 4000; // the server says something every second
const BYTES_A_SECOND = 32000;
const AGAIN_MS = [200, 400, 800, 1600, 3000];
const FULL_MS = 3000;

export class Line {
  /** `handlers` is called with sound, a state, a trouble's name (or "" once it is over), and when all is over. */
  constructor(opened, reopen, handlers) {
    this.opened = opened;
    this.reopen = reopen;
    this.handlers = handlers;
    this.place = null;
    this.failed = 0;
    this.closed = false;
    this.run();
  }

  close() {
    this.closed = true;
    this.cut?.abort();
  }

  async run() {
    while (!this.closed) {
      const pause = await this.#connect().catch(() => this.#trouble("lost"));
      if (!this.closed && pause) await new Promise((go) => setTimeout(go, pause));
    }
  }

  async #connect() {
    this.cut = new AbortController();
    this.#watch();
    try {
      const answer = await fetch(this.#url(), { signal: this.cut.signal, headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return await this.#refused(answer);
      for await (const [kind, payload] of frames(answer.body)) this.#take(kind, payload);
      return 0;
    } finally {
      clearTimeout(this.dead);
    }
  }

  #url() {
    const url = new URL(this.opened.sound, location.href);
    if (this.place) {
      url.searchParams.set("part", this.place.part);
      url.searchParams.set("at", this.place.at);
    }
    return url;
  }

  #watch() {
    clearTimeout(this.dead);
    this.dead = setTimeout(() => this.cut.abort(), DEAD_MS);
  }

  #take(kind, payload) {
    this.#watch();
    if (this.closed) return;
    if (this.failed) this.handlers.trouble("");
    this.failed = 0;
    if (kind === PLACE) this.place = JSON.parse(new TextDecoder().decode(payload));
    if (kind === SOUND) {
      const atS = this.place.begins_s + this.place.at / BYTES_A_SECOND;
      this.place.at += payload.byteLength;
      this.handlers.sound(atS, payload); // from here on it is the audio thread's
    }
    if (kind === STATE) this.#state(JSON.parse(new TextDecoder().decode(payload)));
  }

  #state({ state, edge_s: edgeS }) {
    if (state === "leave") return location.reload();
    this.handlers.edge(edgeS);
    if (state === "over") this.#over();
  }

  #over() {
    this.close();
    this.handlers.over();
  }

  /** Whoever is signed out is led to sign in; a listening that the server has ended is opened anew. */
  async #refused(answer) {
    if (answer.redirected || answer.status === 401 || answer.status === 403) return location.reload();
    if (answer.status === 503) return this.#trouble("full", FULL_MS);
    if (answer.status === 429) return this.#trouble("twice", FULL_MS);
    if (answer.status !== 409 && answer.status !== 404) throw new Error(String(answer.status));
    this.opened = await this.reopen();
    if (!this.opened) this.#over();
    return 0;
  }

  #trouble(name, pause = AGAIN_MS[Math.min(this.failed, AGAIN_MS.length - 1)]) {
    this.failed += 1;
    if (!this.closed) this.handlers.trouble(name);
    return pause;
  }
}

/** The frames in a body, however the network has cut them. */
async function* frames(body) {
  const reader = body.getReader();
  let held = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    held = joined(held, value);
    while (held.byteLength >= HEAD_BYTES) {
      const head = new DataView(held.buffer, held.byteOffset, HEAD_BYTES);
      const ends = HEAD_BYTES + head.getUint32(4, true);
      if (held.byteLength < ends) break;
      yield [head.getUint8(0), held.slice(HEAD_BYTES, ends)];
      held = held.subarray(ends);
    }
  }
}

function joined(one, other) {
  const both = new Uint8Array(one.byteLength + other.byteLength);
  both.set(one);
  both.set(other, one.byteLength);
  return both;
}
