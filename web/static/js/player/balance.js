/** Which side is heard: both as recorded, or one of them in both ears. Web Audio, made at the first change. */
const GAINS = {
  both: [1, 0, 0, 1], // left→left, left→right, right→left, right→right
  caller: [1, 1, 0, 0],
  officer: [0, 0, 1, 1],
};

export class Balance {
  constructor(audio) {
    this.audio = audio;
    this.gains = null;
  }

  set(side) {
    if (!this.gains && side === "both") return;
    this.gains ??= this.#wire();
    GAINS[side].forEach((gain, i) => (this.gains[i].gain.value = gain));
    this.context.resume();
  }

  #wire() {
    this.context = new AudioContext();
    const source = this.context.createMediaElementSource(this.audio);
    const splitter = this.context.createChannelSplitter(2);
    const merger = this.context.createChannelMerger(2);
    source.connect(splitter);
    merger.connect(this.context.destination);
    return [[0, 0], [0, 1], [1, 0], [1, 1]].map(([from, to]) => {
      const gain = this.context.createGain();
      splitter.connect(gain, from);
      gain.connect(merger, 0, to);
      return gain;
    });
  }
}
