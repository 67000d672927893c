/**
 * What was typed into a form that was refused is put back into it. A refused act leads back to its page, which says why
 * (`web/form_actions.py`) and has the form as it was before; nobody should have to type a reason twice. It is kept in this
 * window only, for one page, and never a password. What somebody else overtook is shown beside the form instead.
 */
const KEY = "typed";
const KEPT = "textarea, select, input:not([type=hidden], [type=password], [type=file], [type=submit])";

const pathOf = (address) => new URL(address ?? "", location.href).pathname;
const addressOf = (form, button) => pathOf(button?.getAttribute("formaction") ?? form.getAttribute("action"));
const goesTo = (form, address) => [null, ...form.elements].some((one) => addressOf(form, one) === address);
const fieldsOf = (form) => [...form.elements].filter((field) => field.name && field.matches(KEPT));
const isText = (field) => field.matches("textarea, input:not([type]), input[type=text]");
const isChosen = (field) => field.type === "checkbox" || field.type === "radio";

function keep({ target: form, submitter, defaultPrevented }) {
  if (defaultPrevented || form.method !== "post") return;
  const fields = fieldsOf(form).map((field) => (isChosen(field) ? field.checked : field.value));
  const texts = fieldsOf(form).filter((field) => isText(field) && field.value).map((field) => field.value);
  const { person } = document.body.dataset;
  sessionStorage.setItem(KEY, JSON.stringify({ person, address: addressOf(form, submitter), fields, texts }));
}

function putBack() {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (!text) return;
  const { person, address, fields, texts } = JSON.parse(text);
  if (person !== document.body.dataset.person) return;
  const overtaken = document.querySelector("[data-overtaken]");
  if (overtaken && texts?.length) {
    overtaken.querySelector("textarea").value = texts.join("\n\n");
    overtaken.hidden = false;
  }
  if (!document.querySelector(".notice.bad[data-answers]")) return;
  const form = [...document.forms].find(
    (one) => one.method === "post" && goesTo(one, address) && fieldsOf(one).length === fields.length,
  );
  if (!form) return;
  for (const [index, field] of fieldsOf(form).entries()) {
    field[isChosen(field) ? "checked" : "value"] = fields[index];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.closest("details")?.setAttribute("open", "");
}

addEventListener("submit", keep);
putBack();
