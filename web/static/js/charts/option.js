/** What ECharts is given for a chart: from its figures (web/design/charts.py), its colours and the width it has. */

const SYMBOLS = ["circle", "rect", "triangle", "diamond", "path://M0 0H10L5 10Z", "path://M3 0H7V3H10V7H7V10H3V7H0V3H3Z"];
const DASHES = ["solid", [8, 4], [2, 3], [10, 4, 2, 4], "solid", [8, 4]];
const SMALL = 12;
const ROW = 22; // of the legend
const MOST_ROWS = 3; // of the legend; more are leafed through
const MOST_WRITTEN = 14; // values that are written beside their bars

/** `picture`: title, source and day are part of it. `selected`: what the person chose in the legend. */
export function optionOf(figures, look, width, { picture = false, animated = false, selected } = {}) {
  const chosen = selected ?? Object.fromEntries(figures.series.map((one) => [one.name, one.drawn]));
  const named = picture ? figures.series.filter(({ name }) => chosen[name] !== false) : figures.series;
  const frame = frameOf({ ...figures, series: named }, look, width, picture);
  return {
    animation: animated,
    animationDuration: 300,
    textStyle: { fontFamily: look.font, color: look.ink },
    color: look.series,
    aria: { enabled: true, label: { enabled: false }, decal: { show: !isLines(figures) && figures.series.length > 1 } },
    title: picture ? headOf(figures, look, width) : undefined,
    legend: { ...frame.legend, selected: chosen },
    grid: frame.grid,
    tooltip: picture ? { show: false } : tipOf(figures, look),
    ...axesOf(figures, look, width),
    series: [
      ...figures.series.flatMap((one, n) => [...intervalsOf(one, n, look), seriesOf(figures, one, n, look)]),
      linesOf(figures, look),
    ],
  };
}

/** How high the drawing is: bars that lie need a line each. */
export function heightOf(figures, width) {
  const legend = rowsOf(figures, width) * ROW;
  if (!isLying(figures)) return 300 + legend;
  const shown = figures.series.filter((one) => one.drawn).length || 1;
  return 60 + legend + figures.categories.length * Math.max(30, 18 * shown + 8);
}

/** How high a picture is that has the title as well. */
export function pictureHeightOf(figures, width) {
  return Math.max(520, heightOf(figures, width)) + HEAD;
}

const HEAD = 84;

/** Lines that only have their points are lines of which none is seen. */
function isLines({ shape }) {
  return shape === "lines" || shape === "points";
}

function isLying({ shape }) {
  return shape === "rows" || shape === "points";
}

function headOf(figures, look, width) {
  const style = (fontSize, color) => ({ fontSize, color, fontFamily: look.font, width: width - 32, overflow: "truncate" });
  return {
    text: figures.title,
    subtext: [figures.source, figures.credit].filter(Boolean).join("\n"),
    left: 16,
    top: 14,
    itemGap: 6,
    textStyle: { ...style(20, look.ink), fontWeight: 650 },
    subtextStyle: { ...style(13, look.ink2), lineHeight: 18 },
  };
}

/** How many lines the legend takes: ECharts lays it over the chart if it is not told. */
function rowsOf({ series }, width) {
  if (series.length < 2) return 0;
  let rows = 1;
  let used = 0;
  for (const { name } of series) {
    const item = 25 + 5 + measured(name) + 12;
    if (used + item > width - 24 && used) [rows, used] = [rows + 1, 0];
    used += item;
  }
  return rows > MOST_ROWS ? 1 : rows;
}

let pen;

function measured(text) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = `${SMALL}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

function frameOf(figures, look, width, picture) {
  const rows = rowsOf(figures, width);
  const top = picture ? HEAD : 0;
  const isLeafed = rows === 1 && figures.series.length > 1 && figures.series.reduce((sum, { name }) => sum + measured(name) + 42, 0) > width - 24;
  const lies = isLying(figures);
  const room = (figures.unit && !lies ? 24 : 8) + (figures.marks.length ? 18 : 0);
  return {
    legend: {
      show: rows > 0,
      type: isLeafed ? "scroll" : "plain",
      data: figures.series.map(({ name }) => name),
      top: top + 2,
      left: picture ? 16 : 8,
      right: 8,
      itemGap: 12,
      textStyle: { color: look.ink, fontSize: SMALL },
      inactiveColor: look.axis,
      pageTextStyle: { color: look.ink2 },
      pageIconColor: look.ink,
      pageIconInactiveColor: look.axis,
    },
    grid: {
      top: top + rows * ROW + room,
      left: picture ? 16 : 8,
      right: isWritten(figures) && lies ? 56 : 20,
      bottom: (picture ? 16 : 8) + (lies && figures.unit ? 20 : 0),
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
  };
}

function axesOf(figures, look, width) {
  const lies = isLying(figures);
  const letters = { color: look.ink2, fontSize: SMALL };
  const categories = {
    type: "category",
    data: figures.categories,
    inverse: lies,
    boundaryGap: lies || !isLines(figures) || figures.series.some((one) => one.intervals.some(Boolean)),
    axisTick: { show: false },
    axisLine: { onZero: false, lineStyle: { color: look.axis } },
    axisLabel: lies ? { ...letters, interval: 0, width: Math.min(180, width * 0.32), overflow: "truncate" } : { ...letters, hideOverlap: true },
  };
  const values = {
    type: "value",
    name: figures.unit,
    ...(lies ? { nameLocation: "middle", nameGap: 26 } : { nameLocation: "end" }),
    nameTextStyle: { ...letters, align: lies ? "center" : "left" },
    max: figures.most ?? undefined,
    minInterval: figures.digits ? undefined : 1,
    splitNumber: width < 500 ? 3 : 5,
    scale: !figures.from_zero,
    axisLabel: { ...letters, hideOverlap: true },
    splitLine: { lineStyle: { color: look.line } },
  };
  return lies ? { xAxis: values, yAxis: categories } : { xAxis: categories, yAxis: values };
}

function isWritten({ shape, series, categories }) {
  return (shape === "bars" || shape === "rows") && series.length === 1 && categories.length <= (shape === "rows" ? Infinity : MOST_WRITTEN);
}

function seriesOf(figures, one, n, look) {
  const colour = look.series[one.place % look.series.length];
  const shared = {
    id: `values-${n}`,
    name: one.name,
    data: one.values.map((value, at) => itemOf(figures, value, at, look)),
    cursor: one.links.some(Boolean) ? "pointer" : "default",
    itemStyle: { color: colour },
    emphasis: { focus: "series" },
  };
  if (isLines(figures))
    return {
      ...shared,
      type: "line",
      symbol: SYMBOLS[one.place % SYMBOLS.length],
      symbolSize: figures.shape === "points" ? 11 : 8,
      showAllSymbol: true,
      lineStyle: { color: colour, width: 2, type: DASHES[one.place % DASHES.length], opacity: figures.shape === "points" ? 0 : 1 },
    };
  const label = { show: isWritten(figures), position: figures.shape === "rows" ? "right" : "top", color: look.ink, fontSize: SMALL };
  return { ...shared, type: "bar", barMaxWidth: 34, label: { ...label, formatter: ({ dataIndex }) => one.texts[dataIndex] } };
}

/** A bar below zero of a chart whose figures have signs is of another colour. */
function itemOf(figures, value, at, look) {
  const below = figures.signed && figures.series.length === 1 && value < 0;
  return below ? { value, itemStyle: { color: look.series[1] } } : value;
}

/** From the least to the most that a value may be: a thin bar upon one that is not seen. */
function intervalsOf(one, n, look) {
  if (!one.intervals.some(Boolean)) return [];
  const bar = {
    type: "bar",
    name: one.name,
    stack: `interval-${n}`,
    barWidth: 8,
    barGap: "-100%",
    silent: true,
    tooltip: { show: false },
    emphasis: { disabled: true },
    z: 1,
  };
  const colour = look.series[one.place % look.series.length];
  return [
    { ...bar, id: `least-${n}`, data: one.intervals.map((ends) => ends && ends[0]), itemStyle: { color: "transparent" } },
    { ...bar, id: `most-${n}`, data: one.intervals.map((ends) => ends && ends[1] - ends[0]), itemStyle: { color: colour, opacity: 0.3 } },
  ];
}

/** Marks and limits, as a series of no values: that of bars would put them upon its bars. */
function linesOf(figures, look) {
  const [category, value] = isLying(figures) ? ["yAxis", "xAxis"] : ["xAxis", "yAxis"];
  const line = (where, text, position, type) => ({
    ...where,
    lineStyle: { color: look.ink2, type, width: 1.5 },
    label: { show: Boolean(text), position, color: look.ink, fontSize: SMALL, formatter: () => text },
  });
  const data = [
    ...figures.marks.map(({ at, label }) => line({ [category]: at }, label, "end", "solid")),
    ...figures.limits.map((one) => line({ [value]: one.value }, one.label, "insideEndTop", [6, 4])),
  ];
  if (figures.signed) data.push(line({ [value]: 0 }, "", "end", "solid"));
  return { type: "line", id: "lines", data: [], silent: true, markLine: { silent: true, symbol: "none", animation: false, data } };
}

/** What is under the pointer, drawn into the canvas: markup of a text of ours would bring styles with it. */
function tipOf(figures, look) {
  const unit = figures.unit ? ` ${figures.unit}` : "";
  const line = ({ seriesId, dataIndex, marker }) => {
    const one = figures.series[Number(seriesId.split("-")[1])];
    const ends = one.intervals[dataIndex];
    const between = ends ? ` (${ends.map((end) => end.toFixed(figures.digits)).join("–")})` : "";
    return `${marker}${one.name}: ${one.texts[dataIndex]}${between}${unit}`;
  };
  return {
    trigger: "axis",
    renderMode: "richText",
    confine: true,
    axisPointer: { type: figures.shape === "lines" ? "line" : "shadow" },
    backgroundColor: look.sheet,
    borderColor: look.axis,
    textStyle: { color: look.ink, fontSize: 13, fontFamily: look.font },
    formatter: (params) => {
      const values = params.filter(({ seriesId }) => seriesId.startsWith("values-"));
      return [params[0].name, ...values.map(line)].join("\n");
    },
  };
}
