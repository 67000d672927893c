/**
 * The week of a roster by mouse and by keyboard. Each act fills the one hidden form and sends it: what can be done
 * here can be done without a script by the form of each shift. The page comes back at the cell that was changed.
 */
const form = document.getElementById("roster-move");
const told = document.querySelector("[data-told]");
const cells = [...document.querySelectorAll("td[data-day]")];
let picked = null;

const cellOf = (node) => node.closest("td[data-day]");

function say(text) {
  if (told) told.textContent = text;
}

function fill(values) {
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value ?? "";
}

function place(cell, before = "") {
  const { line, day, starts, ends } = cell.dataset;
  return { [`${before}line`]: line, [`${before}day`]: day, [`${before}starts`]: starts, [`${before}ends`]: ends };
}

function send(move, post, from, to, as) {
  const target = to ?? from;
  const sameKind = (post.dataset.as ?? "duty") === as;
  fill({ move, person: post.dataset.post, desk: sameKind ? post.dataset.desk : "", as, anchor: target.id });
  fill({ ...place(from ?? to), ...(to && from ? place(to, "to_") : {}) });
  form.submit();
}

function put(post, cell, as) {
  const from = cellOf(post);
  if (from === cell && (post.dataset.as ?? "duty") === as) return;
  send(from ? "move" : "add", post, from, cell, as);
}

function pick(post) {
  picked?.setAttribute("aria-pressed", "false");
  picked = post;
  post?.setAttribute("aria-pressed", "true");
  say(post ? `${told.dataset.picked} ${post.textContent.trim()}` : told.dataset.put);
}

/** The cell beside one: in its table by row and column, beyond its edge in the next table. */
function beside(cell, key) {
  const row = cell.parentElement;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const next = cells[cells.indexOf(cell) + (key === "ArrowRight" ? 1 : -1)];
    return next && next.parentElement === row ? next : cell;
  }
  const rows = [...document.querySelectorAll("table[data-roster] tbody tr")];
  const other = rows[rows.indexOf(row) + (key === "ArrowDown" ? 1 : -1)];
  return other?.cells[cell.cellIndex] ?? cell;
}

function onKey(event) {
  const post = event.target.closest(".post[data-post]");
  const cell = cellOf(event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("a, input, select")) return;
  if (event.key === "Escape" && picked) {
    pick(null);
  } else if (event.key.startsWith("Arrow") && (cell || picked)) {
    (cell ? beside(cell, event.key) : cells[0]).focus();
  } else if (post && !picked && (event.key === "Enter" || event.key === " ")) {
    pick(post);
    (cell ?? cells[0])?.focus();
  } else if (post && cell && event.key === "Delete") {
    send("remove", post, cell, null, post.dataset.as);
  } else if (post && cell && event.key.toLowerCase() === "u") {
    send("raise", post, cell, null, post.dataset.as);
  } else if (picked && cell && (event.key === "Enter" || event.key === " ")) {
    put(picked, cell, picked.dataset.as ?? "duty");
  } else if (picked && cell && event.key.toLowerCase() === "l") {
    put(picked, cell, "leader");
  } else {
    return;
  }
  event.preventDefault();
}

function prepare(post) {
  post.draggable = true;
  post.tabIndex = 0;
  post.setAttribute("role", "button");
  post.setAttribute("aria-pressed", "false");
  post.addEventListener("dragstart", (event) => {
    event.dataTransfer.setData("text/plain", post.textContent.trim());
    pick(post);
  });
  post.addEventListener("dragend", () => pick(null));
}

function receive(cell) {
  cell.tabIndex = 0;
  cell.addEventListener("dragover", (event) => {
    if (!picked) return;
    event.preventDefault();
    cell.classList.add("is-over");
  });
  cell.addEventListener("dragleave", () => cell.classList.remove("is-over"));
  cell.addEventListener("drop", (event) => {
    event.preventDefault();
    cell.classList.remove("is-over");
    const onLeader = event.target.closest(".is-leader");
    if (picked) put(picked, cell, onLeader || event.shiftKey ? "leader" : (picked.dataset.as ?? "duty"));
  });
}

if (form) {
  document.querySelector("[data-people]").hidden = false;
  document.querySelectorAll(".post[data-post]").forEach(prepare);
  cells.forEach(receive);
  document.addEventListener("keydown", onKey);
  document.getElementById(location.hash.slice(1))?.focus();
}
