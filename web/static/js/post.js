/**
 * A POST under the page's token. The token of a session that ended and was begun anew in another window is fetched
 * from this page as it is served now, for what is sent and for every form that is on the screen. Somebody else's is
 * not taken: what one person typed is not sent in another's name.
 */
const FIELD = "input[name=csrf_token]"; // every page of somebody who is signed in has a form
let renewing = null;

export async function post(url, body, { keepalive = false } = {}) {
  const text = JSON.stringify(body);
  const sent = token();
  const answer = await send(url, text, keepalive, sent);
  if (answer.status !== 400) return answer;
  renewing ??= renew().finally(() => (renewing = null));
  await renewing;
  return token() === sent ? answer : send(url, text, keepalive, token());
}

function token() {
  return document.querySelector(FIELD).value;
}

function send(url, body, keepalive, csrf) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrf };
  return fetch(url, { method: "POST", keepalive, headers, body });
}

async function renew() {
  const served = await fetch(location.href).then((answer) => answer.text(), () => "");
  const { body } = new DOMParser().parseFromString(served, "text/html");
  if (body.dataset.person !== document.body.dataset.person) return;
  const found = body.querySelector(FIELD)?.value;
  if (found) for (const field of document.querySelectorAll(FIELD)) field.value = found;
}
