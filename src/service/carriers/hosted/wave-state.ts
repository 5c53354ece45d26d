import type { HostedApi, WaveTask } from "../../../contract/hosted-wave.ts";
import type { BatchStatus } from "../../../domain/batch/batch.ts";
import { Problem } from "../../../domain/problem.ts";
import type { Clock } from "../../../lib/clock.ts";

/** How long what the API does not show may still appear. A guess: no page says how soon a list shows what was made. */
export const settleMs = 10 * 60_000;

/** The calls of a wave are asked for one by one and at once: what one learned serves the others. */
const freshMs = 500;

export type WaveState =
  | { readonly status: "gone" }
  | { readonly status: BatchStatus; readonly tasks: readonly WaveTask[] };

export type WaveReader = (batchId: string) => Promise<WaveState>;

/** Since when the API has not said how a wave stands, and what it answered last. */
export type ReadTrouble = { readonly since: Date; readonly error: unknown };

export type WaveReading = {
  readonly readWave: WaveReader;
  readonly findWave: HostedApi["findWave"];
  /** Undefined when the last look-up was answered; one that was not is made again first. */
  trouble(): Promise<ReadTrouble | undefined>;
};

/** Reads how waves stand at the API, once for all their calls. */
export function createWaveReading(
  api: Pick<HostedApi, "getBatch" | "listTasks" | "findWave">,
  clock: Clock,
): WaveReading {
  let failed: (ReadTrouble & { readonly batchId: string }) | undefined;
  const found = new Map<string, { readonly atMs: number; readonly batchId: Promise<string | undefined> }>();
  const lately = new Map<string, { readonly atMs: number; readonly state: Promise<WaveState> }>();

  async function read(batchId: string): Promise<WaveState> {
    try {
      const { status } = await api.getBatch(batchId);
      return { status, tasks: status === "draft" ? [] : await api.listTasks(batchId) };
    } catch (error) {
      if (error instanceof Problem && error.code === "not_found") return { status: "gone" };
      throw error;
    }
  }

  async function readAndNote(batchId: string): Promise<WaveState> {
    try {
      const state = await read(batchId);
      failed = undefined;
      return state;
    } catch (error) {
      failed = { since: failed?.since ?? clock.now(), error, batchId };
      throw error;
    }
  }

  function readWave(batchId: string): Promise<WaveState> {
    const nowMs = clock.now().getTime();
    for (const [id, { atMs }] of lately) if (Math.abs(nowMs - atMs) > freshMs) lately.delete(id);
    const known = lately.get(batchId) ?? { atMs: nowMs, state: readAndNote(batchId) };
    lately.set(batchId, known);
    return known.state;
  }

  function findWave(reference: string, since: Date): Promise<string | undefined> {
    const nowMs = clock.now().getTime();
    for (const [id, { atMs }] of found) if (Math.abs(nowMs - atMs) > freshMs) found.delete(id);
    const known = found.get(reference) ?? { atMs: nowMs, batchId: api.findWave(reference, since) };
    found.set(reference, known);
    return known.batchId;
  }

  return {
    readWave,
    findWave,
    async trouble() {
      if (failed) await readWave(failed.batchId).catch(() => undefined);
      return failed;
    },
  };
}
