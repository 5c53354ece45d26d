import { headers } from "../contract/routes.ts";
import type { Environment } from "../domain/batch/batch.ts";
import type { HttpAnswer } from "./connection.ts";

/** What the upstreams' answers told, by origin: the self-started service can move, a hosted one does not. */
export class UpstreamFacts {
  /** Null: it answered, and named no environment. */
  readonly #named = new Map<string, string | null>();

  note(origin: string, answer: HttpAnswer): void {
    const named = answer.headers[headers.environment];
    if (named !== undefined) this.#named.set(origin, named);
    // Something in between can answer an error in the upstream's place, so only a success shows that it names none.
    else if (answer.status >= 200 && answer.status < 300) this.#named.set(origin, null);
  }

  /** Undefined until it answered. Only the word `simulated` makes it simulated. */
  environmentOf(origin: string): Environment | undefined {
    const named = this.#named.get(origin);
    if (named === undefined) return undefined;
    return named === "simulated" ? "simulated" : "live";
  }

  /** True when the header told that it is our service, which offers the extensions. */
  isOurs(origin: string): boolean {
    return isEnvironment(this.#named.get(origin));
  }
}

/** True for what our service says; gateways of others use a header of that name for words of their own. */
export function isEnvironment(named: string | null | undefined): named is Environment {
  return named === "simulated" || named === "live";
}
