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
