import { z } from "zod";
import type { Clock } from "../../../src/lib/clock.ts";
import type { HostedApi, StartEffect } from "../http/hosted-api.ts";

/** What held when phones began to ring. */
type Circumstances = { readonly isStopped: boolean; readonly doNotCall: ReadonlySet<string> };

/** The moment in which the phones of a list begin to ring. */
export type Ring = Circumstances & {
  readonly batchId: string;
  readonly at: Date;
  readonly numbers: readonly string[];
  /** The most attempts that each of them gets. */
  readonly attempts: number;
  /** True where a request set it off; false where the API kept a time that it was given before. */
  readonly isByRequest: boolean;
};

const createBody = z.looseObject({
  retry_config: z.looseObject({ enabled: z.boolean(), max_attempts: z.number() }).optional(),
});

/**
 * Who is called when, by the record of the API: at once with every start that reached it, and at the time of a
 * scheduled batch, which the API keeps by itself.
 */
export class Rings {
  readonly all: Ring[] = [];
  /** What holds at the moment, for the record. */
  circumstances: () => Circumstances = () => ({ isStopped: false, doNotCall: new Set() });
  readonly #hosted: HostedApi;
  readonly #clock: Clock;
  readonly #attempts = new Map<string, number>();

  constructor(hosted: HostedApi, clock: Clock) {
    this.#hosted = hosted;
    this.#clock = clock;
    hosted.onTaken = (seen) => this.#note(seen);
  }

  /** How often the phones of that list began to ring. */
  of(batchId: string): number {
    return this.all.filter((ring) => ring.batchId === batchId).length;
  }

  #note({ method, path, body }: StartEffect): void {
    const [, , id = "", step] = path.split("/");
    if (method === "POST" && path === "/batch-call") this.#noteAttempts(body);
    else if (step === "execute") this.#ring(id, true);
    else if (method === "PATCH") this.#await(id);
  }

  #noteAttempts(body: unknown): void {
    const id = [...this.#hosted.batches.keys()].at(-1) ?? "";
    const { retry_config: retries } = createBody.parse(body);
    this.#attempts.set(id, retries?.enabled ? retries.max_attempts : 1);
  }

  #await(id: string): void {
    const time = this.#timeOf(id);
    if (time === undefined) return;
    this.#clock.at(new Date(time), () => {
      if (this.#timeOf(id) !== time) return;
      this.#hosted.execute(id);
      this.#ring(id, false);
    });
  }

  /** When it starts by itself. */
  #timeOf(id: string): number | undefined {
    const batch = this.#hosted.batches.get(id);
    return batch?.status === "scheduled" ? batch.scheduled_timestamp : undefined;
  }

  #ring(batchId: string, isByRequest: boolean): void {
    const numbers = this.#hosted.batches.get(batchId)?.tasks.map((task) => task.to_number) ?? [];
    const attempts = this.#attempts.get(batchId) ?? 1;
    this.all.push({ batchId, at: this.#clock.now(), numbers, attempts, isByRequest, ...this.circumstances() });
  }
}
