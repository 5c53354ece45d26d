import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, silentLog } from "../../src/lib/log.ts";
import type { ServingOptions } from "../../src/service/serve.ts";
import { type RunningService, startService } from "../../src/service/service.ts";
import { ScriptedCarrier } from "./carriers/scripted-carrier.ts";
import { TestClock } from "./test-clock.ts";

export const agentId = "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21";
export const otherAgentId = "agent_c3a9e7d4-8f16-4b0d-a2c8-1e5f7b9d6034";
export const callerId = "+14155550100";

const keys = {
  first: { organization_id: "org_first", api_key: "sk_first", api_secret: "s3cr3t_first" },
  second: { organization_id: "org_second", api_key: "sk_second", api_secret: "s3cr3t_second" },
} as const;
export type Tenant = keyof typeof keys;

/** What an answer holds: of any shape, because what it should hold is what the tests are about. */
export type Json = ReturnType<typeof JSON.parse>;
export type Reply = { readonly status: number; readonly headers: Headers; readonly body: Json };
export type Sending = {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: Tenant | "nobody";
};

/** The whole service over a real loopback socket, with a clock that the test moves and a carrier that it scripts. */
export class ServiceWorld {
  readonly clock: TestClock;
  readonly carrier: ScriptedCarrier;
  readonly dataDir: string;
  readonly #settings: ServingOptions["settings"];
  #service: RunningService;

  private constructor(parts: {
    clock: TestClock;
    carrier: ScriptedCarrier;
    dataDir: string;
    settings: ServingOptions["settings"];
    service: RunningService;
  }) {
    this.clock = parts.clock;
    this.carrier = parts.carrier;
    this.dataDir = parts.dataDir;
    this.#settings = parts.settings;
    this.#service = parts.service;
    this.clock.settleWith(() => this.#service.idle());
  }

  static async start(
    setup: { now?: string; settings?: Partial<ServingOptions["settings"]>; log?: Log } = {},
  ): Promise<ServiceWorld> {
    const clock = new TestClock(setup.now ?? "2026-02-02T15:00:00Z");
    const carrier = new ScriptedCarrier(clock);
    const dataDir = await mkdtemp(join(tmpdir(), "batch-call-"));
    await writeFile(join(dataDir, "credentials.json"), JSON.stringify(Object.values(keys)));
    const settings = { maxConcurrent: 10, startsPerSecond: 5, ...setup.settings };
    const service = await startService({
      dataDir,
      carrier,
      clock,
      settings,
      log: setup.log ?? silentLog,
      host: "127.0.0.1",
      port: 0,
    });
    return new ServiceWorld({ clock, carrier, dataDir, settings, service });
  }

  get url(): string {
    return this.#service.url;
  }

  get store(): RunningService["store"] {
    return this.#service.store;
  }

  async call(method: string, path: string, { body, rawBody, headers, as = "first" }: Sending = {}): Promise<Reply> {
    const pair = as === "nobody" ? {} : { "X-API-KEY": keys[as].api_key, "X-API-SECRET": keys[as].api_secret };
    const text = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: { ...pair, ...headers },
      ...(text !== undefined && { body: text }),
    });
    const answer = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(answer) : answer };
  }

  /** Creates a batch and answers its id. */
  async create(overrides: object = {}, as: Tenant = "first"): Promise<string> {
    const reply = await this.call("POST", "/batch-call", { body: batchOf(overrides), as });
    if (reply.status !== 200) throw new Error(`Create answered ${reply.status}: ${reply.body.error}`);
    await this.clock.settle();
    return reply.body.batch_call_id;
  }

  async batch(id: string, as: Tenant = "first"): Promise<Json> {
    return (await this.call("GET", `/batch-call/${id}`, { as })).body.data;
  }

  /** Lets time pass while no service runs. */
  async missTime(by: Parameters<TestClock["advance"]>[0]): Promise<void> {
    await this.#service.stop();
    await this.clock.advance(by);
    await this.#startAgain();
  }

  /** Stops the service and starts it again on the same data, as after an update. */
  async restart(): Promise<void> {
    await this.#service.stop();
    await this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    const { dataDir, carrier, clock } = this;
    this.#service = await startService({
      dataDir,
      carrier,
      clock,
      settings: this.#settings,
      log: silentLog,
      host: "127.0.0.1",
      port: 0,
    });
    await this.clock.settle();
  }

  async stop(): Promise<void> {
    await this.#service.stop();
    await rm(this.dataDir, { recursive: true });
  }
}

/** A body that creates a draft for two recipients, with some fields changed; a field set to undefined is left out. */
export function batchOf(overrides: object = {}): Record<string, unknown> {
  return {
    from_number: callerId,
    name: "June reminders",
    agent_id: agentId,
    timezone: "America/New_York",
    status: "draft",
    tasks: tasksOf(2),
    ...overrides,
  };
}

/** `first` is the number of the first recipient. */
export function tasksOf(count: number, first = 1): { to_number: string; dynamic_variables: Record<string, string> }[] {
  return Array.from({ length: count }, (_, n) => ({
    to_number: numberOf(n + first),
    dynamic_variables: { first_name: `Person ${n + 1}` },
  }));
}

/** The n-th recipient's number, from 1 to 9900; all fictional. */
export function numberOf(n: number): string {
  return `+1${201 + Math.floor(n / 100)}55501${String(n % 100).padStart(2, "0")}`;
}
