/** The waveform: caller above, officer below, from peaks made when the recording was sealed. */
import WaveSurfer from "../../vendor/wavesurfer/wavesurfer.esm.js";
import HoverPlugin from "../../vendor/wavesurfer/hover.esm.js";
import RegionsPlugin from "../../vendor/wavesurfer/regions.esm.js";
import TimelinePlugin from "../../vendor/wavesurfer/timeline.esm.js";
import { clock } from "./time.js";

const HEIGHT = 64;

export async function drawWaveform(container, audio, { peaksUrl, durationS, nonce, marks, gaps }) {
  const answer = await fetch(peaksUrl);
  if (!answer.ok) throw new Error(`no peaks: ${answer.status}`);
  const { peaks } = await answer.json();
  const colour = colours(container);
  const channel = (side) => ({
    waveColor: colour(`--player-${side}`),
    progressColor: colour(`--player-${side}-played`),
    height: HEIGHT,
  });
  const regions = RegionsPlugin.create();
  const waveform = WaveSurfer.create({
    container,
    media: audio,
    peaks,
    duration: durationS,
    splitChannels: [channel("caller"), channel("officer")],
    height: HEIGHT,
    barWidth: 2,
    barGap: 1,
    barRadius: 2,
    normalize: true,
    cursorColor: colour("--player-cursor"),
    cursorWidth: 2,
    dragToSeek: true,
    cspNonce: nonce,
    plugins: [
      regions,
      TimelinePlugin.create({ height: 18, secondaryLabelOpacity: 0.75, formatTimeCallback: clock, style: { color: colour("--player-ink") } }),
      HoverPlugin.create({
        lineColor: colour("--player-ink"),
        labelBackground: colour("--player-cursor"),
        labelColor: colour("--player-paper"),
        formatTimeCallback: clock,
      }),
    ],
  });
  waveform.on("ready", () => {
    regions.clearRegions();
    for (const { at_ms, length_ms } of gaps) {
      const [start, end] = [at_ms / 1000, (at_ms + length_ms) / 1000];
      regions.addRegion({ start, end, color: colour("--player-gap"), drag: false, resize: false });
    }
    for (const { atS, label } of marks) {
      const content = document.createElement("span");
      content.textContent = label;
      content.style.cssText = `color:${colour("--player-officer-played")};font-size:12px;line-height:1.4;padding:0 4px;white-space:nowrap;background:${colour("--player-paper")}`;
      regions.addRegion({ start: atS, content, color: colour("--player-officer-played"), drag: false, resize: false });
    }
  });
  return waveform;
}

/** Colours by the names that the style sheet gives them, worked out to what a canvas understands. */
function colours(container) {
  return (name) => {
    const probe = container.appendChild(document.createElement("i"));
    probe.style.color = `var(${name})`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}
