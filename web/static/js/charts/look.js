/** The colours and letters that a chart is drawn with: those of the page, or by daylight for paper and pictures. */

const SERIES = 6;
const NAMES = { ink: "ink", ink2: "ink-2", line: "line", axis: "line-strong", sheet: "sheet" };

/** As the page is shown now: by day or night, or in the colours of the person's system. */
export function lookOfPage(root) {
  const probe = root.appendChild(document.createElement("i"));
  const colour = (name) => {
    probe.style.color = `var(--chart-${name})`;
    return getComputedStyle(probe).color;
  };
  const look = {
    ink: colour("ink"),
    ink2: colour("ink-2"),
    line: colour("line"),
    axis: colour("axis"),
    sheet: colour("sheet"),
    series: numbered(colour),
    font: getComputedStyle(root).fontFamily,
  };
  probe.remove();
  return look;
}

/** As the tokens are by day, whatever the page looks like now: paper is white. */
export function lookOfPaper(root) {
  const day = tokensByDay();
  const colour = (name) => day.getPropertyValue(`--${name}`).trim();
  const look = Object.fromEntries(Object.entries(NAMES).map(([name, token]) => [name, colour(token)]));
  return { ...look, series: numbered((n) => colour(`chart-${n}`)), font: getComputedStyle(root).fontFamily };
}

function numbered(colour) {
  return Array.from({ length: SERIES }, (_, n) => colour(String(n + 1)));
}

function tokensByDay() {
  const sheet = [...document.styleSheets].find(({ href }) => href?.endsWith("/css/tokens.css"));
  return [...sheet.cssRules].find(({ selectorText }) => selectorText === ":root").style;
}
