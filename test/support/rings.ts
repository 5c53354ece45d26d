import type { Clock } from "../../src/domain/clock.ts";
import type { HostedApi, Seen } from "./hosted-api.ts";

/** The moment in which the phones of a list begin to ring. */
export type Ring = { readonly batchId: string; readonly at: Date; readonly numbers: readonly string[] };

/**
 * Who is called when, by the record of the API: at once with every start that reached it, and at the time of a
 * scheduled batch, which the API keeps by itself.
 */
export class Rings {
  readonly all: Ring[] = [];
  /** Told of each, in the moment. */
  onRing: (ring: Ring) => void = () => {};
  readonly #hosted: HostedApi;
  readonly #clock: Clock;

  constructor(hosted: HostedApi, clock: Clock) {
    this.#hosted = hosted;
    this.#clock = clock;
    hosted.onTaken = (seen) => this.#note(seen);
  }

  /** How often the phones of that list began to ring. */
  of(batchId: string): number {
    return this.all.filter((ring) => ring.batchId === batchId).length;
  }

  #note({ method, path }: Seen): void {
    const [, , id = "", step] = path.split("/");
    if (step === "execute") this.#ring(id);
    else if (method === "PATCH") this.#await(id);
  }

  #await(id: string): void {
    const time = this.#timeOf(id);
    if (time === undefined) return;
    this.#clock.at(new Date(time), () => {
      if (this.#timeOf(id) !== time) return;
      this.#hosted.execute(id);
      this.#ring(id);
    });
  }

  /** When it starts by itself. */
  #timeOf(id: string): number | undefined {
    const batch = this.#hosted.batches.get(id);
    return batch?.status === "scheduled" ? batch.scheduled_timestamp : undefined;
  }

  #ring(batchId: string): void {
    const numbers = this.#hosted.batches.get(batchId)?.tasks.map((task) => task.to_number) ?? [];
    const ring = { batchId, at: this.#clock.now(), numbers };
    this.all.push(ring);
    this.onRing(ring);
  }
}
