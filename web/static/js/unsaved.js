/** What is typed is not left behind: not by going away, nor by putting into force what was saved before it. */
for (const form of document.querySelectorAll("form[data-editor]")) {
  const editor = document.getElementById(form.dataset.editor);
  const typed = () => JSON.stringify([...new FormData(editor)]);
  const served = "refused" in editor.dataset ? "" : typed();
  let sent = false;
  editor.addEventListener("submit", () => (sent = true));
  form.addEventListener("submit", (event) => {
    const unsaved = typed() !== served;
    sent = !unsaved;
    if (!unsaved) return;
    event.preventDefault();
    form.querySelector("[role=alert]").hidden = false;
  });
  addEventListener("beforeunload", (event) => sent || typed() === served || event.preventDefault());
}
