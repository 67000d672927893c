/** Wires one player: buttons, keys, waveform, balance and the listening that goes with it. */
import { Balance } from "./balance.js";
import { Listening } from "./listening.js";
import { clock } from "./time.js";
import { drawWaveform } from "./waveform.js";

const STEP_S = 5;
const LEAP_S = 30;
const TYPING = "input:not([type=radio]), select, textarea, [contenteditable]";
const WITHIN = ["Home", "End"]; // elsewhere they move the page
const OWN_ARROWS = "input[type=radio], audio, .table-wrap, [role=slider]";
const PRESSING = "button, a, summary, label, input, select, textarea, [contenteditable]";

class Player {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.audio = root.querySelector("audio");
    const { dataset } = root;
    this.durationS = Number(dataset.durationS);
    this.audio.removeAttribute("src");
    this.audio.controls = false;
    this.listening = new Listening(this.audio, { open: dataset.listeningsUrl });
    this.balance = new Balance(this.audio);
    this.speed = this.part("speed");
    root.classList.add("is-live");
    this.#wire();
    this.#show();
  }

  async toggle() {
    if (!this.audio.paused) return this.audio.pause();
    try {
      await this.listening.begin();
      await this.audio.play();
      this.part("error").hidden = true;
    } catch (error) {
      if (error.name !== "AbortError") this.part("error").hidden = false;
    }
  }

  seek(to) {
    this.audio.currentTime = Math.min(Math.max(0, to), this.durationS);
    this.#show();
  }

  faster(steps) {
    const last = this.speed.options.length - 1;
    this.speed.selectedIndex = Math.min(Math.max(0, this.speed.selectedIndex + steps), last);
    this.#applySpeed();
  }

  hear(side) {
    this.root.querySelector(`input[value="${side}"]`).checked = true;
    this.balance.set(side);
  }

  #wire() {
    this.part("toggle").addEventListener("click", () => this.toggle());
    this.part("back").addEventListener("click", () => this.seek(this.audio.currentTime - STEP_S));
    this.part("ahead").addEventListener("click", () => this.seek(this.audio.currentTime + STEP_S));
    this.speed.addEventListener("change", () => this.#applySpeed());
    for (const input of this.root.querySelectorAll("input[type=radio]"))
      input.addEventListener("change", () => this.hear(input.value));
    for (const event of ["play", "pause", "ended", "timeupdate", "seeked", "loadedmetadata"])
      this.audio.addEventListener(event, () => this.#show());
    this.audio.addEventListener("loadedmetadata", () => this.#applySpeed());
    this.audio.addEventListener("error", () => this.audio.src && (this.part("error").hidden = false));
    document.addEventListener("keydown", (event) => this.#key(event));
    for (const button of document.querySelectorAll("[data-play-from]")) {
      button.hidden = false;
      button.addEventListener("click", () => this.#playFrom(Number(button.dataset.playFrom)));
    }
  }

  async #playFrom(second) {
    if (this.audio.paused) await this.toggle();
    this.seek(second);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches(TYPING)) return;
    if (event.key === " " && event.target.matches(PRESSING)) return;
    const within = this.root.contains(event.target);
    if (!within && (WITHIN.includes(event.key) || event.target.matches(OWN_ARROWS))) return;
    const slider = event.target === this.part("waveform");
    const radio = event.target.matches("input[type=radio]");
    const act = {
      " ": () => this.toggle(),
      k: () => this.toggle(),
      ArrowLeft: radio ? null : () => this.seek(this.audio.currentTime - STEP_S),
      ArrowRight: radio ? null : () => this.seek(this.audio.currentTime + STEP_S),
      ArrowUp: slider ? () => this.seek(this.audio.currentTime + STEP_S) : null,
      ArrowDown: slider ? () => this.seek(this.audio.currentTime - STEP_S) : null,
      PageUp: slider ? () => this.seek(this.audio.currentTime + LEAP_S) : null,
      PageDown: slider ? () => this.seek(this.audio.currentTime - LEAP_S) : null,
      Home: () => this.seek(0),
      End: () => this.seek(this.durationS),
      "-": () => this.faster(-1),
      "+": () => this.faster(1),
      "=": () => this.faster(1),
      1: () => this.hear("both"),
      2: () => this.hear("caller"),
      3: () => this.hear("officer"),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #applySpeed() {
    this.audio.playbackRate = Number(this.speed.value);
  }

  #show() {
    const { currentTime, paused } = this.audio;
    this.root.classList.toggle("is-playing", !paused);
    this.part("toggle").setAttribute("aria-pressed", String(!paused));
    this.part("position").textContent = clock(currentTime);
    const slider = this.part("waveform");
    slider.setAttribute("aria-valuenow", String(Math.floor(currentTime)));
    slider.setAttribute("aria-valuetext", `${clock(currentTime)} / ${clock(this.durationS)}`);
  }

  async draw() {
    const { dataset } = this.root;
    const marks = [];
    if (dataset.officerOnMs) marks.push({ atS: Number(dataset.officerOnMs) / 1000, label: dataset.officerOnLabel });
    try {
      const waveform = await drawWaveform(this.part("waveform"), this.audio, {
        peaksUrl: dataset.peaksUrl,
        durationS: this.durationS,
        nonce: dataset.nonce,
        marks,
        gaps: JSON.parse(dataset.gaps),
      });
      waveform.on("interaction", (at) => this.seek(at));
    } catch {
      this.part("no-waveform").hidden = false;
    }
  }
}

for (const root of document.querySelectorAll("[data-player]")) {
  root.player = new Player(root);
  root.player.draw();
}
