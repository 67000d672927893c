/**
 * Plays a call in progress close behind its end: in the audio thread, at the telephone's own 8 kHz.
 *
 * It keeps as little in store as the way of the sound allows. Run dry, it waits and goes on where it was; with more
 * in store than it has needed for a while, it plays a little faster; far behind, it skips ahead. What was really
 * played is reported four times a second, in seconds of the recording.
 */
const FRAMES_A_SECOND = 8000;
const FRAME_BYTES = 4;
const GO_ON = 0.2 * FRAMES_A_SECOND; // enough in store to begin, or to go on after running dry
const MUCH = 1.5 * FRAMES_A_SECOND; // the least in store for a while: far more than is needed
const PLENTY = 0.6 * FRAMES_A_SECOND;
const ENOUGH = 0.3 * FRAMES_A_SECOND;
const FAR = 4 * FRAMES_A_SECOND;
const NEAR = 1.3 * FRAMES_A_SECOND;
const FASTER = 1.05;
const FASTEST = 1.12;
const REPORT_EVERY = 0.25 * FRAMES_A_SECOND;
const JUDGE_EVERY = 3 * FRAMES_A_SECOND;
const GAINS = { both: [1, 0, 0, 1], caller: [1, 1, 0, 0], officer: [0, 0, 1, 1] };

class LiveSound extends AudioWorkletProcessor {
  constructor() {
    super();
    this.pieces = []; // {atS, samples}: interleaved, caller first
    this.next = 0; // the frame of the first piece that is played next; a fraction when playing faster
    this.held = 0;
    this.dry = true;
    this.last = false; // nothing more will come
    this.rate = 1;
    this.least = Infinity;
    this.gains = GAINS.both;
    this.unreported = 0;
    this.judged = 0;
    this.skippedS = 0;
    this.spans = [];
    this.loud = [0, 0, 0]; // squares of either side, and how many
    this.stopped = false;
    this.port.onmessage = ({ data }) => this.#heed(data);
  }

  #heed({ atS, pcm, side, over, stop }) {
    if (pcm) {
      this.pieces.push({ atS, samples: new Int16Array(pcm) });
      this.held += pcm.byteLength / FRAME_BYTES;
      if (this.held > FAR) this.#skip();
    }
    if (side) this.gains = GAINS[side];
    if (over) this.last = true;
    if (stop) this.stopped = true;
  }

  #skip() {
    const before = this.#atS();
    while (this.held > NEAR) {
      const here = this.pieces[0].samples.length / 2 - this.next;
      const step = Math.min(here, this.held - NEAR);
      this.#advance(step);
    }
    this.skippedS += this.#atS() - before;
  }

  process(_inputs, [[left, right]]) {
    if (this.stopped) return false;
    if (this.dry && this.held >= (this.last ? 1 : GO_ON)) this.dry = false;
    for (let i = 0; i < left.length; i += 1) this.#play(left, right ?? left, i);
    this.least = Math.min(this.least, this.held);
    this.unreported += left.length;
    this.judged += left.length;
    if (this.judged >= JUDGE_EVERY) this.#judge();
    if (this.unreported >= REPORT_EVERY) this.#report();
    return true;
  }

  #play(left, right, i) {
    if (this.dry || this.held < 1) {
      this.dry = true;
      return; // the output is silence already
    }
    const { samples } = this.pieces[0];
    const frame = Math.floor(this.next);
    const later = Math.min(frame + 1, samples.length / 2 - 1);
    const part = this.next - frame;
    const caller = (samples[2 * frame] * (1 - part) + samples[2 * later] * part) / 32768;
    const officer = (samples[2 * frame + 1] * (1 - part) + samples[2 * later + 1] * part) / 32768;
    const [cl, cr, ol, or] = this.gains;
    left[i] = cl * caller + ol * officer;
    right[i] = cr * caller + or * officer;
    this.loud = [this.loud[0] + caller * caller, this.loud[1] + officer * officer, this.loud[2] + 1];
    const fromS = this.#atS();
    this.#advance(this.rate);
    this.#played(fromS, fromS + this.rate / FRAMES_A_SECOND);
  }

  #atS() {
    return this.pieces.length ? this.pieces[0].atS + this.next / FRAMES_A_SECOND : 0;
  }

  #advance(frames) {
    this.next += frames;
    this.held -= frames;
    while (this.pieces.length && this.next >= this.pieces[0].samples.length / 2) {
      this.next -= this.pieces[0].samples.length / 2;
      this.pieces.shift();
    }
    if (!this.pieces.length) this.held = this.next = 0;
  }

  #played(fromS, toS) {
    const open = this.spans.at(-1);
    if (open && Math.abs(open[1] - fromS) < 0.01) open[1] = toS;
    else this.spans.push([fromS, toS]);
  }

  #judge() {
    if (this.least > PLENTY) this.rate = this.least > MUCH ? FASTEST : FASTER;
    else if (this.least < ENOUGH || this.dry) this.rate = 1;
    this.least = this.held;
    this.judged = 0;
  }

  #report() {
    if (this.rate > 1 && this.held < ENOUGH) this.rate = 1;
    const [caller, officer, count] = this.loud;
    this.port.postMessage({
      spans: this.spans,
      dry: this.dry,
      skippedS: this.skippedS,
      finished: this.last && this.held < 1,
      levels: [caller, officer].map((power) => (count ? Math.sqrt(power / count) : 0)),
    });
    const open = this.spans.at(-1);
    this.spans = open ? [[open[1], open[1]]] : [];
    this.loud = [0, 0, 0];
    this.unreported = this.skippedS = 0;
  }
}

registerProcessor("live-sound", LiveSound);
