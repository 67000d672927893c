// What is wrong with a page at its present size: for tests/browser/inspecting.py. Needs axe-core before it.
(() => {
  const MOST = 12;
  const MORE_ROWS = "tbody tr:nth-child(n + 13)"; // made as those before them, and most of the time
  const clickable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], audio[controls]";

  const named = (one) => {
    const words = (one.getAttribute("aria-label") || one.innerText || one.name || one.id || "").trim().slice(0, 40);
    return `<${one.localName}${one.className && one.className.baseVal === undefined ? "." + one.className.split(" ").join(".") : ""}> ${words}`;
  };

  /** A side that is moved sideways has a scroll bar of its own; the page itself has none. */
  function tooWide() {
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const beyond = [...document.body.querySelectorAll("*")].filter((one) => {
      const box = one.getBoundingClientRect();
      if (box.right <= innerWidth + 1 || box.width === 0) return false;
      for (let up = one.parentElement; up; up = up.parentElement)
        if (up !== document.body && getComputedStyle(up).overflowX !== "visible") return false;
      return true;
    });
    return [`too wide: ${document.documentElement.scrollWidth} px: ${beyond.slice(0, 4).map(named).join("; ")}`];
  }

  const isSeen = (one) => !one.disabled && one.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  /** As the page opens, nothing that stands still while it moves lies over what can be pressed. */
  function underneath() {
    const bars = [...document.body.querySelectorAll("*")].filter((one) => getComputedStyle(one).position === "fixed" && isSeen(one));
    const found = [];
    for (const bar of bars) {
      const over = bar.getBoundingClientRect();
      for (const one of document.querySelectorAll(clickable)) {
        if (bar.contains(one) || !isSeen(one)) continue;
        const box = one.getBoundingClientRect();
        if (box.bottom <= over.top + 1 || box.top >= over.bottom - 1 || box.right <= over.left || box.left >= over.right) continue;
        const top = document.elementFromPoint((box.left + box.right) / 2, Math.max(box.top, over.top) + 2);
        if (top && bar.contains(top)) found.push(`under ${named(bar).slice(0, 40)}: ${named(one)}`);
      }
    }
    return found;
  }

  /** What can be pressed must be on top, wherever the page is moved to show it. */
  function covered(within) {
    const found = [];
    const before = [scrollX, scrollY];
    for (const one of within.querySelectorAll(clickable)) {
      if (!isSeen(one)) continue;
      if (one.matches(".skip, .unseen, .unseen *")) continue;
      one.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const box = [...one.getClientRects()].find((rect) => rect.width > 1 && rect.height > 1);
      if (!box) continue;
      const label = one.labels && one.labels[0];
      for (const [across, down] of [[0.5, 0.5], [0.5, 0.1], [0.5, 0.9], [0.1, 0.5], [0.9, 0.5]]) {
        const top = document.elementFromPoint(box.left + box.width * across, box.top + box.height * down);
        if (top && (one.contains(top) || top.contains(one) && !top.matches("a[href], button") || label && label.contains(top))) continue;
        found.push(`covered: ${named(one)} by ${top ? named(top) : "nothing that is seen"}`);
        break;
      }
    }
    scrollTo(...before);
    return found;
  }

  /** On a desktop nothing is moved sideways to be read, nor the menu to be seen whole. */
  function cutOff() {
    if (innerWidth < 1000) return [];
    const narrow = [...document.querySelectorAll(".table-wrap")].filter((one) => one.scrollWidth > one.clientWidth + 1);
    const menu = document.querySelector(".side-nav");
    const found = narrow.map((one) => `table cut off: ${one.scrollWidth} px in ${one.clientWidth} px`);
    if (menu && menu.scrollHeight > menu.clientHeight + 1) found.push(`menu cut off: ${menu.scrollHeight} px in ${menu.clientHeight} px`);
    return found;
  }

  async function axeFinds(part) {
    const { violations } = await axe.run(part ?? document, { resultTypes: ["violations"], preload: false });
    return violations.map((one) => `axe ${one.id} (${one.impact}): ${one.nodes.slice(0, 3).map((node) => node.target.join(" ")).join("; ")} ${one.nodes[0].failureSummary.split("\n").slice(1, 2).join("").trim()}`);
  }

  /** What is too wide or lies under something else; in a part of the page, or in all of it. */
  window.misplaced = (part) => {
    const buried = part ? covered(document.querySelector(part)) : [...underneath(), ...covered(document)];
    return [...tooWide(), ...cutOff(), ...buried.slice(0, MOST)];
  };

  /** What axe finds, of each table in its first rows; the others are taken away. */
  window.axeFinds = (part) => {
    for (const row of document.querySelectorAll(MORE_ROWS)) row.remove();
    return axeFinds(part);
  };
})();
