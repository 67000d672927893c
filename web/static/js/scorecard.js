/** The scorecard's editor: the sum of the weights while one types, and criteria added, removed and moved. */
const WHOLE = 100;

class Editor {
  constructor(form) {
    this.form = form;
    this.template = form.querySelector("template");
    this.sum = form.querySelector('[data-part="sum"]');
    this.adding = form.querySelector('[data-act="add"]');
    for (const row of this.rows.reverse()) {
      if (!isEmpty(row)) break;
      row.remove(); // these are for whoever has no scripts
    }
    this.adding.addEventListener("click", () => this.#add());
    form.addEventListener("click", (event) => this.#act(event.target.closest("[data-row] [data-act]")));
    form.addEventListener("input", () => this.#show());
    this.#number();
  }

  get rows() {
    return [...this.form.querySelectorAll("[data-row]")];
  }

  #add() {
    const row = this.template.content.firstElementChild.cloneNode(true);
    this.template.before(row);
    this.#number();
    row.querySelector("input").focus();
  }

  #act(button) {
    if (!button) return;
    const row = button.closest("[data-row]");
    const { rows } = this;
    const at = rows.indexOf(row);
    const near = rows[at + 1] ?? rows[at - 1];
    if (button.dataset.act === "remove") row.remove();
    else if (button.dataset.act === "up") rows[at - 1]?.before(row);
    else rows[at + 1]?.after(row);
    this.#number();
    if (row.isConnected) button.disabled ? row.querySelector("input").focus() : button.focus();
    else (near?.querySelector("input") ?? this.adding).focus();
  }

  /** Names and labels end in the place of their criterion, so that the server has them in this order. */
  #number() {
    const { rows } = this;
    rows.forEach((row, place) => {
      for (const element of row.querySelectorAll("[name], [id], [for]"))
        for (const name of ["name", "id", "for"])
          if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace(/-\d+$/, `-${place + 1}`));
      row.querySelector('[data-part="legend"]').textContent = this.form.dataset.legend.replace("#", place + 1);
      row.querySelector('[data-part="acts"]').hidden = false;
      row.querySelector('[data-act="up"]').disabled = place === 0;
      row.querySelector('[data-act="down"]').disabled = place === rows.length - 1;
    });
    this.adding.hidden = rows.length >= Number(this.form.dataset.most);
    this.#show();
  }

  #show() {
    const weights = this.rows.map((row) => Number(row.querySelector('[name^="weight-"]').value) || 0);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.sum.textContent = sum;
    this.sum.toggleAttribute("data-whole", sum === WHOLE);
    for (const row of this.rows) {
      const chosen = [...row.querySelectorAll('[name^="clauses-"]:checked')].map((box) => box.value);
      row.querySelector('[data-part="chosen"]').textContent = chosen.join(", ") || this.form.dataset.none;
    }
  }
}

function isEmpty(row) {
  return [...row.querySelectorAll("input")].every((field) => (field.type === "checkbox" ? !field.checked : field.value === ""));
}

for (const form of document.querySelectorAll("[data-scorecard]")) new Editor(form);
