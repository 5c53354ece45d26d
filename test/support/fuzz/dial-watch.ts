import { isObject } from "../../../src/contract/envelope.ts";
import type { ScriptedCarrier } from "../carriers/scripted-carrier.ts";
import type { RestRequest } from "./rest-requests.ts";

/** Holds each dial against the requests that were answered with yes: a batch rings after one started it, and not after one stopped it. */
export class DialWatch {
  readonly #carrier: ScriptedCarrier;
  readonly #mayRing = new Set<string>();
  /** Of calls that were dialed while time passed, their batches. */
  readonly #batches = new Map<string, string>();
  #seen = 0;
  #isStopped = false;

  constructor(carrier: ScriptedCarrier) {
    this.#carrier = carrier;
  }

  /** Asks of which batch the calls are that were dialed while time passed: once it is over, the next request may delete it with them. */
  async note(batchOf: (callId: string) => Promise<string>): Promise<void> {
    for (const { callId } of this.#carrier.dials.slice(this.#seen)) this.#batches.set(callId, await batchOf(callId));
  }

  /** What was dialed since the last request although it must not be. */
  async wrong(
    request: RestRequest,
    answer: { readonly status: number; readonly json: unknown },
    batchOf: (callId: string) => Promise<string>,
  ): Promise<readonly string[]> {
    const before = { may: new Set(this.#mayRing), isStopped: this.#isStopped };
    if (answer.status === 200) this.#learn(request, answer.json);
    const found: string[] = [];
    for (const dial of this.#carrier.dials.slice(this.#seen)) {
      const batch = this.#batches.get(dial.callId) ?? (await batchOf(dial.callId));
      // A dial may have been on its way before the answer, and may follow at once from it.
      if (!before.may.has(batch) && !this.#mayRing.has(batch))
        found.push(`Nobody started ${batch}, and ${dial.callId} of it was dialed.`);
      if (before.isStopped && this.#isStopped) found.push(`All calls are stopped, and ${dial.callId} was dialed.`);
    }
    this.#seen = this.#carrier.dials.length;
    this.#batches.clear();
    return found;
  }

  #learn({ method, path }: RestRequest, json: unknown): void {
    const body = isObject(json) ? json : {};
    const data = isObject(body["data"]) ? body["data"] : body;
    if (path.startsWith("/stop")) {
      if (method === "PUT") this.#isStopped = data["stopped"] === true;
      return;
    }
    if (method === "GET" || !path.startsWith("/batch-call")) return;
    const id = String(data["batch_call_id"] ?? /^\/batch-call\/([^/?]+)/.exec(path)?.[1]);
    const mayRing = /\/(execute|resume)/.test(path) || /^(scheduled|sent)$/.test(String(data["status"]));
    if (/\/(pause|cancel)/.test(path) || method === "DELETE") this.#mayRing.delete(id);
    else if (mayRing && data["is_paused"] !== true) this.#mayRing.add(id);
  }
}
