import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { Secret } from "../../../src/domain/secret.ts";
import { type Log, silentLog } from "../../../src/lib/log.ts";
import { createKeyring, toHashedKeys } from "../../../src/service/accounts/index.ts";
import type { DirectCarrier } from "../../../src/service/carriers/carrier.ts";
import { type BridgeConnection, openBridgeConnection } from "../../../src/service/carriers/http/bridge-connection.ts";
import { createHttpCarrier } from "../../../src/service/carriers/http/http-carrier.ts";
import type { ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import { type Serving, serve } from "../../../src/service/serve.ts";
import { startService } from "../../../src/service/service.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { batchOf, type Json, numberOf, type Reply } from "../service-world.ts";
import { TestClock } from "../test-clock.ts";
import { bridgeSecret, ScriptedBridge, sign, toEnd } from "./scripted-bridge.ts";

const keys = { organization_id: "org_1", api_key: "sk_1", api_secret: "s3cr3t_1" };
const organization = {
  organizationId: keys.organization_id,
  apiKey: new Secret(keys.api_key),
  apiSecret: new Secret(keys.api_secret),
};

export type BridgeWorldSetup = {
  readonly settings?: Partial<ServiceSettings>;
  /** The bridge is told where to report ends; the tests report to the service itself. */
  readonly callsBack?: boolean;
  readonly log?: Log;
  /** Instead of SQLite; closed with the service. */
  readonly store?: Store;
};

/** The whole service with the `http` carrier, a scripted bridge on a real socket, and a clock that the test moves. */
export class BridgeWorld {
  readonly clock = new TestClock("2026-02-02T15:00:00Z");
  readonly #setup: BridgeWorldSetup;
  readonly #dataDir: string;
  readonly #onTheirWay = new Set<string>();
  #bridge: ScriptedBridge | undefined;
  #service: Serving | undefined;

  private constructor(setup: BridgeWorldSetup, dataDir: string) {
    this.#setup = setup;
    this.#dataDir = dataDir;
    this.clock.settleWith(() => this.#quiet());
  }

  static async start(setup: BridgeWorldSetup = {}): Promise<BridgeWorld> {
    const world = new BridgeWorld(setup, await mkdtemp(join(tmpdir(), "batch-call-bridge-")));
    await writeFile(join(world.#dataDir, "credentials.json"), JSON.stringify([keys]));
    world.#bridge = await ScriptedBridge.start(world.clock);
    await world.startService();
    return world;
  }

  get bridge(): ScriptedBridge {
    if (!this.#bridge) throw new Error("The bridge was not started");
    return this.#bridge;
  }

  get service(): Serving {
    if (!this.#service) throw new Error("The service does not run");
    return this.#service;
  }

  /** A carrier of its own on the same bridge. */
  openCarrier(): DirectCarrier {
    const { clock } = this;
    const connection = this.#watched(openBridgeConnection(this.bridge.url, clock));
    const { callsBack, log = silentLog } = this.#setup;
    const callbackUrl = "https://calls.example.com/carrier/outcomes";
    return createHttpCarrier({
      connection,
      secret: new Secret(bridgeSecret),
      clock,
      log,
      ...(callsBack && { callbackUrl }),
    });
  }

  async startService(): Promise<void> {
    const { settings, store, log = silentLog } = this.#setup;
    const options = {
      carrier: this.openCarrier(),
      clock: this.clock,
      settings: { maxConcurrent: 10, startsPerSecond: 100, ...settings },
      log,
      host: "127.0.0.1",
      port: 0,
    };
    const keyring = createKeyring([toHashedKeys(organization)]);
    this.#service = await (store
      ? serve({ ...options, store, keyring })
      : startService({ ...options, dataDir: this.#dataDir }));
    await this.clock.settle();
  }

  async stopService(): Promise<void> {
    const service = this.service;
    this.#service = undefined;
    await service.stop();
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
    await this.bridge.stop();
    await rm(this.#dataDir, { recursive: true });
  }

  async send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await fetch(new URL(path, this.service.url), { method, headers, ...(body && { body }) });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  async metrics(): Promise<string> {
    return (await fetch(new URL("/metrics", this.service.url))).text();
  }

  /** With the keys of the organization; resolves when everything that it set off is done. */
  async call(method: string, path: string, body?: object): Promise<Reply> {
    const headers = { "X-API-KEY": keys.api_key, "X-API-SECRET": keys.api_secret };
    const reply = await this.send(method, path, body && JSON.stringify(body), headers);
    await this.clock.settle();
    return reply;
  }

  /** Creates a batch that starts at once, and answers its id. */
  async launch(recipients: number, overrides: object = {}): Promise<string> {
    const tasks = Array.from({ length: recipients }, (_, n) => ({ to_number: numberOf(n + 1) }));
    const body = batchOf({ status: undefined, send_now: true, tasks, ...overrides });
    const reply = await this.call("POST", "/batch-call", body);
    if (reply.status !== 200) throw new Error(`Create answered ${reply.status}: ${reply.body.error}`);
    return reply.body.batch_call_id;
  }

  async batch(id: string): Promise<Json> {
    return (await this.call("GET", `/batch-call/${id}`)).body.data;
  }

  async tasks(id: string): Promise<Json[]> {
    return (await this.call("GET", `/batch-call/${id}/tasks`)).body.data.tasks;
  }

  /** Reports an end to the service as the bridge does, with some of the report changed. */
  report(token: string, changes: { body?: object; rawBody?: string; secondsOff?: number; signature?: string } = {}) {
    const call = this.bridge.call(token);
    const end = call && toEnd({ ...call, endedAt: call.endedAt < this.clock.now() ? call.endedAt : this.clock.now() });
    const body = changes.rawBody ?? JSON.stringify({ token, ...end, ...changes.body });
    const seconds = Math.floor(this.clock.now().getTime() / 1000) + (changes.secondsOff ?? 0);
    return this.send("POST", "/carrier/outcomes", body, {
      "x-batch-call-timestamp": String(seconds),
      "x-batch-call-signature": changes.signature ?? sign(body, seconds),
    });
  }

  // Time stands still while a request is on its way, unless the bridge holds it back.
  async #quiet(): Promise<void> {
    for (let isBusy = true; isBusy; ) {
      isBusy = this.#isBusy();
      await this.#service?.idle();
      await setImmediate();
      isBusy ||= this.#isBusy();
    }
  }

  #isBusy(): boolean {
    return [...this.#onTheirWay].some((id) => !this.bridge.held.has(id));
  }

  #watched(connection: BridgeConnection): BridgeConnection {
    return {
      exchange: (request) => {
        const id = randomUUID();
        this.#onTheirWay.add(id);
        const headers = { ...request.headers, "x-test-id": id };
        return connection.exchange({ ...request, headers }).finally(() => this.#onTheirWay.delete(id));
      },
      close: () => connection.close(),
    };
  }
}
