/** Too many files, or one that is too large, are refused before they are sent: the server would only hang up. */
const field = document.querySelector("input[type=file][data-most-bytes]");

function wrong(files) {
  const { mostFiles, mostBytes, tooMany, tooLarge } = field.dataset;
  if (files.length > Number(mostFiles)) return tooMany;
  const large = files.find((file) => file.size > Number(mostBytes));
  return large ? `${large.name}: ${tooLarge}` : "";
}

field?.addEventListener("change", () => {
  const said = wrong([...field.files]);
  field.setCustomValidity(said);
  if (said) field.reportValidity();
});
