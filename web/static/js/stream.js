/**
 * Server-sent events for as long as somebody looks at the page. The server ends a connection after a while and the
 * browser connects again by itself; where it does not, because it was refused, the page asks why.
 */
const PATIENCE_MS = 5000;
export const ALONE = { "X-Unattended": "1" }; // nobody asked for it: it keeps no idle session alive

/** Whoever is no longer signed in, or may no longer see this: the page says so once it is loaded again. */
export const isShutOut = (answer) => answer.redirected || [401, 403].includes(answer.status);

export class Stream {
  /** `root` is marked `is-away` while the connection is lost; `events`: what is done with each, by its name. */
  constructor(root, url, events) {
    this.root = root;
    this.url = url;
    this.events = { leave: () => location.reload(), ...events };
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#rest() : this.#connect()));
    if (!document.hidden) this.#connect();
  }

  /** For good: there is nothing more to come. */
  end() {
    this.#rest();
    this.ended = true;
  }

  #connect() {
    if (this.ended) return;
    this.#rest();
    this.source = new EventSource(this.url);
    for (const [name, act] of Object.entries(this.events)) this.source.addEventListener(name, ({ data }) => act(data));
    this.source.onopen = () => this.#here();
    this.source.onerror = () => this.#lost();
  }

  /** Nobody looks, or a new connection follows: give the place free. */
  #rest() {
    this.source?.close();
    clearTimeout(this.again);
    this.#here();
  }

  #here() {
    clearTimeout(this.worry);
    this.worry = null;
    this.root.classList.remove("is-away");
  }

  #lost() {
    this.worry ??= setTimeout(() => this.root.classList.add("is-away"), PATIENCE_MS);
    if (this.source.readyState === EventSource.CLOSED) this.again = setTimeout(() => this.#ask(), PATIENCE_MS);
  }

  /** Refused, not cut: whoever may no longer see the page sees it on the page itself; all else is tried again. */
  async #ask() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "application/json", ...ALONE } });
      if (isShutOut(answer) || answer.status === 404) return location.reload();
    } catch {
      // still away
    }
    if (!document.hidden) this.#connect();
  }
}
