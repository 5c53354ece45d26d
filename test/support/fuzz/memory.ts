import { isObject } from "../../../src/contract/envelope.ts";
import type { Random } from "../random.ts";

const mostOfOneName = 24;

/** What the answers told so far, by the name of the field: ids and cursors that a later request can give back. */
export class Memory {
  readonly #told = new Map<string, unknown[]>();

  /** Remembers every text and number of an answer. */
  hear(answer: unknown, name = ""): void {
    if (Array.isArray(answer)) {
      for (const entry of answer.slice(0, mostOfOneName)) this.hear(entry, name);
    } else if (isObject(answer)) {
      for (const [field, value] of Object.entries(answer)) this.hear(value, field);
    } else if (typeof answer === "string" || typeof answer === "number") {
      this.#keep(name, answer);
    }
  }

  /** A value of that field, or of one that an argument of that name takes; undefined where none was told. */
  recall(name: string, random: Random): unknown {
    const known = [name, ...(alsoCalled[name] ?? [])].flatMap((told) => this.#told.get(told) ?? []);
    return random.pickAny(known);
  }

  #keep(name: string, value: string | number): void {
    const known = this.#told.get(name) ?? [];
    if (known.includes(value)) return;
    known.push(value);
    if (known.length > mostOfOneName) known.splice(0, known.length - mostOfOneName);
    this.#told.set(name, known);
  }
}

/** Names of answers whose values arguments of another name take. */
const alsoCalled: Readonly<Record<string, readonly string[]>> = {
  batch_ids: ["batch_id"],
  batch_call_id: ["id"],
  except_batch_ids: ["batch_call_id", "id"],
  not_in_batch_ids: ["batch_id"],
  list_ids: ["list_id"],
  cursor: ["next_cursor"],
  to_number: ["phone"],
  to_numbers: ["to_number"],
  numbers: ["to_number"],
  task_ids: ["id"],
};
