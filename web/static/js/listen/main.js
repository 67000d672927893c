/** Wires the listener of a page: its button, keys and states. A live page names the call by an event "listen". */
import { post } from "../post.js";
import { Heard } from "./heard.js";
import { Line } from "./wire.js";
import { clock } from "../player/time.js";

const FRAMES_A_SECOND = 8000;
const WAITING_S = 2.5; // so long without anything new is no longer the usual way of the sound
const READY_EVERY_MS = 3000;
const QUIETEST_DB = 60;
const STEPS = 10;
const ALONE = { "X-Unattended": "1", Accept: "application/json" };
const PRESSING = "button, a, summary, label, input";
const TYPING = "input:not([type=radio]), select, textarea, [contenteditable]";

class Listener {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.texts = root.querySelector("template").content;
    this.call = { listen: root.dataset.listenUrl, recording: root.dataset.recordingUrl, url: root.dataset.callUrl };
    this.part("toggle").addEventListener("click", () => this.toggle());
    for (const input of root.querySelectorAll("input[type=radio]"))
      input.addEventListener("change", () => this.hear(input.value));
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("listen", ({ detail }) => this.change(detail));
    addEventListener("pagehide", () => this.stop());
    setInterval(() => this.#show(), 500);
    if (location.hash === "#listen") this.begin();
  }

  toggle() {
    if (this.context?.state === "suspended") return this.context.resume();
    return this.line ? this.stop() : this.begin();
  }

  /** Another call on the live page. */
  async change(call) {
    await this.stop();
    this.call = call;
    this.part("name").textContent = call.name;
    this.part("call").href = call.url;
    this.root.hidden = false;
    this.part("toggle").focus({ preventScroll: true });
    await this.begin();
  }

  async begin() {
    this.#say("connecting");
    this.part("after").hidden = true;
    this.playedS = this.edgeS = null;
    this.trouble = "";
    const turn = (this.turn = Symbol("turn"));
    try {
      await this.#wire();
      const opened = await this.#open();
      if (this.turn !== turn) return;
      if (!opened) return this.#over();
      this.heard = new Heard(opened.heard);
      this.line = new Line(opened, () => this.#reopen(), {
        sound: (atS, pcm) => this.node.port.postMessage({ atS, pcm: pcm.buffer }, [pcm.buffer]),
        edge: (edgeS) => this.#edge(edgeS),
        trouble: (name) => (this.trouble = name),
        over: () => this.node?.port.postMessage({ over: true }),
      });
    } catch {
      this.#close();
      this.#say("refused");
    }
  }

  async stop() {
    this.turn = null;
    const { heard } = this;
    this.#close();
    this.#say("stopped");
    await heard?.end();
  }

  hear(side) {
    this.root.querySelector(`input[value="${side}"]`).checked = true;
    this.node?.port.postMessage({ side });
  }

  async #wire() {
    this.context = new AudioContext({ sampleRate: FRAMES_A_SECOND, latencyHint: "interactive" });
    await this.context.audioWorklet.addModule(this.root.dataset.worklet);
    this.node = new AudioWorkletNode(this.context, "live-sound", { numberOfInputs: 0, outputChannelCount: [2] });
    this.node.port.onmessage = ({ data }) => this.#reported(data);
    this.node.connect(this.context.destination);
    this.hear(this.root.querySelector("input[type=radio]:checked").value);
    this.context.resume(); // where the browser wants a key first, it stays suspended and the state says so
  }

  /** Written down at the server before the first byte is asked for; null once the call is over. */
  async #open() {
    const answer = await post(this.call.listen, {});
    if (answer.redirected || answer.status === 401) location.reload();
    if (answer.status === 409) return null;
    if (!answer.ok) throw new Error(`listening refused: ${answer.status}`);
    return answer.json();
  }

  async #reopen() {
    const opened = await this.#open();
    if (!opened) return null;
    this.heard?.end();
    this.heard = new Heard(opened.heard);
    return opened;
  }

  #edge(edgeS) {
    if (edgeS === this.edgeS) return;
    this.edgeS = edgeS;
    this.edgeAt = performance.now();
  }

  #reported({ spans, dry, skippedS, finished, levels }) {
    if (!this.line) return;
    this.heard.add(spans);
    this.dry = dry;
    this.playedS = spans.at(-1)?.[1] ?? this.playedS;
    if (skippedS > 0.5) this.#skipped(skippedS);
    ["caller", "officer"].forEach((side, i) => (this.part(side).dataset.level = dry ? 0 : step(levels[i])));
    if (finished) this.#over();
  }

  #skipped(seconds) {
    this.skippedUntil = performance.now() + 4000;
    this.skippedS = Math.round(seconds);
  }

  async #over() {
    this.turn = null;
    const { heard } = this;
    this.#close();
    this.#say("over");
    this.part("after").hidden = false;
    await heard?.end();
    this.#offer();
  }

  /** The recording is offered as soon as it is sealed. */
  async #offer() {
    const { recording, url } = this.call;
    const answer = await fetch(recording, { headers: ALONE }).catch(() => null);
    if (answer?.redirected) return location.reload();
    const ready = answer?.ok && (await answer.json()).ready;
    if (this.call.url !== url || this.line) return;
    this.part("recording").href = url;
    this.part("recording").hidden = !ready;
    this.part("sealing").hidden = ready;
    if (!ready) setTimeout(() => this.#offer(), READY_EVERY_MS);
  }

  #close() {
    this.line?.close();
    this.node?.port.postMessage({ stop: true });
    this.context?.close();
    this.line = this.node = this.context = this.heard = null;
    for (const side of ["caller", "officer"]) this.part(side).dataset.level = 0;
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || this.root.hidden || event.target.matches(TYPING)) return;
    const here = this.root.contains(event.target);
    const mine = here ? !event.target.matches(PRESSING) : event.target === document.body;
    if (event.key === " " && !mine) return;
    const act = {
      " ": () => this.toggle(),
      Escape: () => this.line && this.stop(),
      1: () => this.hear("both"),
      2: () => this.hear("caller"),
      3: () => this.hear("officer"),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #show() {
    if (!this.line) return;
    const agedS = this.edgeS === null ? 0 : (performance.now() - this.edgeAt) / 1000;
    this.part("position").textContent = clock(this.playedS ?? 0);
    if (this.context.state === "suspended") return this.#say("suspended");
    if (this.trouble) return this.#say(this.trouble);
    if (this.playedS === null) return this.#say(agedS > WAITING_S ? "waiting" : "connecting", agedS);
    if (this.dry && agedS > WAITING_S) return this.#say("waiting", agedS);
    if (performance.now() < this.skippedUntil) return this.#say("skipped", this.skippedS);
    this.#say("live", Math.max(0, this.edgeS - this.playedS) + agedS);
  }

  #say(state, seconds = 0) {
    const text = this.texts.querySelector(`[data-say="${state}"]`).textContent;
    const number = state === "live" ? seconds.toFixed(1) : String(Math.round(seconds));
    this.root.dataset.state = state;
    const place = this.part("state");
    const whole = text.replace("{}", number);
    if (place.textContent !== whole) place.textContent = whole;
    this.part("toggle").setAttribute("aria-pressed", String(Boolean(this.line) || state === "connecting"));
  }
}

/** A loudness as a step of the quiet meter, as the server counts it. */
function step(rms) {
  const db = rms > 0 ? 20 * Math.log10(rms) : -QUIETEST_DB;
  return Math.round(STEPS * (1 + Math.max(-QUIETEST_DB, Math.min(0, db)) / QUIETEST_DB));
}

for (const root of document.querySelectorAll("[data-listener]")) new Listener(root);
