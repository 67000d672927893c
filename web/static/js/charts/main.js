/** Draws each chart of the page over its table, and saves its picture. `echarts` is the script before this one. */
import { lookOfPage, lookOfPaper } from "./look.js";
import { heightOf, optionOf, pictureHeightOf } from "./option.js";

const LOCALE = { locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN" };
const PICTURE_WIDTH = 1200;
const NIGHT = matchMedia("(prefers-color-scheme: dark)");
const FORCED = matchMedia("(forced-colors: active)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

class Figure {
  constructor(root) {
    const part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.root = root;
    this.drawing = part("drawing");
    this.table = root.querySelector("details");
    this.figures = JSON.parse(part("figures").textContent);
    this.at = -1;
    this.drawing.hidden = false;
    this.#fit();
    this.chart = echarts.init(this.drawing, null, LOCALE);
    this.draw(lookOfPage(root), !STILL.matches);
    this.#wire(part("picture"));
    root.dataset.drawn = "";
  }

  draw(look, animated = false) {
    this.chart.setOption(optionOf(this.figures, look, this.width, { animated, selected: this.#selected() }), true);
  }

  /** As it is on paper, with its table; `leave`: as it was before. */
  print(leave) {
    if (!leave) this.wasOpen = this.table.open;
    this.table.open = leave ? this.wasOpen : true;
    this.draw(leave ? lookOfPage(this.root) : lookOfPaper(this.root));
    this.chart.getZr().flush(); // the paper does not wait for the next frame
  }

  #fit() {
    this.width = this.drawing.clientWidth;
    this.drawing.style.height = `${heightOf(this.figures, this.width)}px`;
  }

  #selected() {
    return this.chart.getOption()?.legend?.[0]?.selected;
  }

  #wire(button) {
    button.hidden = false;
    button.addEventListener("click", () => this.#save());
    this.chart.on("click", ({ seriesId, dataIndex }) => this.#open(seriesId, dataIndex));
    this.drawing.addEventListener("keydown", (event) => this.#key(event));
    this.drawing.addEventListener("blur", () => this.#point(-1));
    new ResizeObserver(() => this.#resize()).observe(this.drawing);
  }

  #resize() {
    if (this.drawing.clientWidth === this.width || !this.drawing.clientWidth) return;
    this.#fit();
    this.chart.resize();
    this.draw(lookOfPage(this.root));
  }

  #open(seriesId, dataIndex) {
    const [kind, n] = (seriesId ?? "").split("-");
    const link = kind === "values" && this.figures.series[n].links[dataIndex];
    if (link) location.assign(link);
  }

  #key(event) {
    const last = this.figures.categories.length - 1;
    const ends = { Home: 0, End: last };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") this.#point(-1);
    else if (event.key in ends) this.#point(ends[event.key]);
    else if (event.key in STEPS) this.#point(Math.min(last, Math.max(0, this.at + STEPS[event.key])));
    else return;
    event.preventDefault();
  }

  /** Show what the chart says at a category, or nothing. */
  #point(at) {
    this.at = at;
    if (at < 0) return this.chart.dispatchAction({ type: "hideTip" });
    const selected = this.#selected();
    const first = this.figures.series.findIndex(({ name, values }) => selected[name] !== false && values[at] !== null);
    if (first >= 0) this.chart.dispatchAction({ type: "showTip", seriesId: `values-${first}`, seriesIndex: this.#indexOf(first), dataIndex: at });
  }

  #indexOf(n) {
    return this.chart.getOption().series.findIndex(({ id }) => id === `values-${n}`);
  }

  async #save() {
    const apart = document.createElement("div");
    const size = { width: PICTURE_WIDTH, height: pictureHeightOf(this.figures, PICTURE_WIDTH) };
    const chart = echarts.init(apart, null, { ...LOCALE, ...size });
    const look = lookOfPaper(this.root);
    chart.setOption(optionOf(this.figures, look, PICTURE_WIDTH, { picture: true, selected: this.#selected() }));
    const canvas = chart.renderToCanvas({ pixelRatio: 2, backgroundColor: look.sheet });
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    chart.dispose();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = this.figures.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}

/** A chart that cannot be drawn leaves its table, and the charts beside it. */
function drawn(root) {
  try {
    return [new Figure(root)];
  } catch (error) {
    root.querySelector('[data-part="drawing"]').hidden = true;
    reportError(error);
    return [];
  }
}

const figures = [...document.querySelectorAll("[data-chart]")].flatMap(drawn);
const redraw = () => figures.forEach((one) => one.draw(lookOfPage(one.root)));
for (const query of [NIGHT, FORCED]) query.addEventListener("change", redraw);
addEventListener("beforeprint", () => figures.forEach((one) => one.print(false)));
addEventListener("afterprint", () => figures.forEach((one) => one.print(true)));
