/**
 * The page of a call that still changes: server-sent events say that it does, then it fetches itself once and takes
 * over what differs, part by part, until its recording is sealed. Nodes that stay the same stay the nodes they are, so
 * the focus stays where it is and what was typed stays typed.
 */
import { ALONE, Stream, isShutOut } from "./stream.js";

class Follower {
  constructor(root) {
    this.root = root;
    this.stamp = root.dataset.stamp;
    this.stream = new Stream(root, root.dataset.follow, { call: (data) => this.#changed(JSON.parse(data)) });
  }

  async #changed({ stamp, settled }) {
    this.settled = settled;
    this.wanted = stamp;
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.wanted !== this.stamp) await this.#renew(this.wanted);
      if (this.settled) this.stream.end();
    } catch {
      this.stamp = ""; // sent again when the stream connects again, and then it is fetched again
    }
    this.busy = false;
  }

  async #renew(stamp) {
    this.stamp = stamp;
    const answer = await fetch(location.href, { headers: { Accept: "text/html", ...ALONE } });
    if (isShutOut(answer)) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const place of document.querySelectorAll("[data-renew]")) {
      const fresh = page.querySelector(`[data-renew="${place.dataset.renew}"]`);
      if (!fresh) continue;
      if (place.dataset.renew === "recording") this.#recording(place, fresh);
      else follow(place, fresh);
    }
  }

  /** A listener and a player are wired once, so one takes the place of the other as a whole. */
  #recording(place, fresh) {
    const listener = place.querySelector("[data-listener]");
    if (listener && listener.dataset.state !== "stopped") return; // somebody hears it: he is offered the recording
    if (place.isEqualNode(fresh) || place.querySelector("[data-player]") || (listener && fresh.querySelector("[data-listener]"))) return;
    if (listener) listener.hidden = true; // its keys are off with it
    const focused = place.contains(document.activeElement);
    place.replaceChildren(...fresh.childNodes);
    const player = place.querySelector("[data-player]");
    if (player) {
      player.dataset.nonce = this.root.dataset.nonce; // the policy of this page knows its own one only
      import("./player/main.js");
    }
    if (!focused) return;
    place.tabIndex = -1;
    (player?.querySelector('[data-part="toggle"]') ?? place).focus({ preventScroll: true });
  }
}

/** Make a node look like a fresh one, leaving alone what is the same already, and what says that it keeps. */
function follow(place, fresh) {
  if (place.isEqualNode(fresh) || place.hasAttribute("data-keep")) return;
  for (const { name } of [...place.attributes]) if (!fresh.hasAttribute(name) && !isOwn(name)) place.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (place.getAttribute(name) !== value) place.setAttribute(name, value);
  const children = [...place.childNodes].filter(isSeen);
  const wanted = [...fresh.childNodes].filter(isSeen);
  for (const [i, child] of wanted.entries()) {
    const old = children[i];
    if (!old) place.append(child);
    else if (old.nodeType === Node.ELEMENT_NODE && old.nodeName === child.nodeName) follow(old, child);
    else if (!old.isEqualNode(child)) old.replaceWith(child);
  }
  for (const old of children.slice(wanted.length)) old.remove();
}

function isSeen(node) {
  return node.nodeType === Node.ELEMENT_NODE || (node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
}

/** What the person did to the page: it is not in the fresh one. */
function isOwn(name) {
  return name === "open";
}

for (const root of document.querySelectorAll("[data-follow]")) new Follower(root);
