/** A file that is too large is refused before it is sent: the server would only hang up on it. */
const field = document.querySelector("input[type=file][data-most-bytes]");

field?.addEventListener("change", () => {
  const most = Number(field.dataset.mostBytes);
  const large = [...field.files].find((file) => file.size > most);
  field.setCustomValidity(large ? `${large.name}: ${field.dataset.tooLarge}` : "");
  if (large) field.reportValidity();
});
