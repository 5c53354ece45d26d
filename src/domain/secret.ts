const shown = "[secret]";

/** A value that must not be seen: printing, logging, inspecting and JSON all give `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that has to send or compare it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  // What console.log and util.inspect ask for.
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return shown;
  }
}

/**
 * True for a URL that secrets may be sent to: https, or http to this machine, and nothing in it but an address and a
 * path.
 */
export function isSafeUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

/** Whether only this machine is reached under that name or address, as a URL or a setting spells it. */
export function isLoopback(host: string): boolean {
  // The URL parser brings every spelling of an IPv4 address into dotted form.
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
