import { afterEach } from "vitest";
import { type ApiOptions, createBatchCallApi } from "../../src/client/batch-call-api.ts";
import type { BatchPlan } from "../../src/domain/batch/plan.ts";
import type { E164 } from "../../src/domain/phone/phone-number.ts";
import { Problem } from "../../src/domain/problem.ts";
import { Secret } from "../../src/domain/secret.ts";
import { silentLog } from "../../src/lib/log.ts";
import { TestClock } from "../support/test-clock.ts";
import { ScriptedServer, type Step } from "./scripted-server.ts";

const answerDeadlineMs = 30_000;

/** A clock that knows what is waited for, so that a test can let a wait pass without touching the deadlines. */
export class WatchedClock extends TestClock {
  /** Answer deadlines that still run. */
  openDeadlines = 0;
  readonly #waits = new Set<number>();
  #notify: () => void = () => {};

  constructor() {
    super("2026-06-01T09:00:00Z");
  }

  override at(instant: Date, callback: () => void): () => void {
    const delayMs = instant.getTime() - this.now().getTime();
    if (delayMs === answerDeadlineMs) return this.#atDeadline(instant, callback);
    this.#waits.add(delayMs);
    this.#notify();
    return super.at(instant, callback);
  }

  #atDeadline(instant: Date, callback: () => void): () => void {
    this.openDeadlines++;
    const cancel = super.at(instant, callback);
    return () => {
      this.openDeadlines--;
      cancel();
    };
  }

  /** Waits until something is waited for, lets exactly that time pass, and returns how many ms it was. */
  async passWait(): Promise<number> {
    if (this.#waits.size === 0) await new Promise<void>((resolve) => (this.#notify = resolve));
    const [delayMs = 0] = this.#waits;
    this.#waits.delete(delayMs);
    await this.advance({ ms: delayMs });
    return delayMs;
  }
}

export const apiKey = "sk_canary_4f1b0c";
export const apiSecret = "s3cr3t_canary_9a7e2d";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server with this script, closed after the test. */
export async function serve(...steps: Step[]): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(...steps);
  cleanups.push(() => server.close());
  return server;
}

/** The API at that address, on a watched clock and with jitter held at one half. */
export function connect(baseUrl: string | (() => Promise<string>), options: Partial<ApiOptions> = {}) {
  const clock = new WatchedClock();
  const api = createBatchCallApi({
    baseUrl: typeof baseUrl === "string" ? async () => baseUrl : baseUrl,
    apiKey: new Secret(apiKey),
    apiSecret: new Secret(apiSecret),
    clock,
    random: () => 0.5,
    log: silentLog,
    ...options,
  });
  cleanups.push(() => api.close());
  return { api, clock };
}

/** The problem that a request ends with. */
export async function problemOf(request: Promise<unknown>): Promise<Problem> {
  const error = await request.then(
    (value) => new Error(`it answered ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Problem)) throw error;
  return error;
}

export const batch = { batch_call_id: "batch_1", name: "June reminders", status: "draft", total_task_count: 1 };

export const plan: BatchPlan = {
  name: "June reminders",
  agentId: "agent_1",
  // Safe in tests: both numbers are fictional and well formed.
  fromNumber: "+14155550100" as E164,
  timezone: "UTC",
  recipients: [{ row: 1, toNumber: "+14155550101" as E164, type: "fixed_line_or_mobile", variables: {} }],
  rules: {},
  start: { kind: "draft" },
};
