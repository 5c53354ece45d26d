import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type Connections, openConnections } from "../../../src/client/connection.ts";
import { createHostedApi } from "../../../src/client/hosted-api.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { type Log, silentLog } from "../../../src/lib/log.ts";
import { createHostedCarrier } from "../../../src/service/carriers/hosted/hosted-carrier.ts";
import { createDialer, type Dialer } from "../../../src/service/dialing/dialer.ts";
import type { ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import type { SendLedger } from "../../../src/service/store/send-ledger.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld } from "../dialing/dialing-world.ts";
import { gateStore } from "../dialing/gated-store.ts";
import { HostedApi } from "../http/hosted-api.ts";
import { HostedPhones } from "../http/hosted-phones.ts";

export type HostedSetup = {
  readonly waveSize?: number;
  readonly settings?: Partial<ServiceSettings>;
  readonly store?: Store;
  readonly log?: Log;
  readonly now?: string;
};

/** Store, dialer and the carrier `hosted` on a stand-in of the hosted API with only documented fields, on a clock that the test moves. */
export class HostedWorld extends DialingWorld {
  readonly api: HostedApi;
  readonly phones: HostedPhones;
  readonly #setup: HostedSetup;
  readonly #onTheirWay = new Set<string>();
  #process: { readonly dialer: Dialer; kill(): void } | undefined;

  private constructor(api: HostedApi, setup: HostedSetup) {
    super({ ...setup, settings: { startsPerSecond: 100, maxConcurrent: 100, ...setup.settings } });
    this.api = api;
    this.#setup = setup;
    this.phones = new HostedPhones(this.clock);
    api.phones = this.phones;
    this.clock.settleWith(() => this.#quiet());
  }

  static async open(setup: HostedSetup = {}): Promise<HostedWorld> {
    const world = new HostedWorld(await HostedApi.start(), setup);
    await world.startProcess();
    return world;
  }

  override get dialer(): Dialer {
    if (!this.#process) throw new Error("The dialer was not started");
    return this.#process.dialer;
  }

  /** Starts a process; one that ran before is dead from here on, as if it had been killed: what it asked for may still happen. */
  async startProcess(): Promise<void> {
    this.#process?.kill();
    let isDead = false;
    const forever = new Promise<never>(() => {});
    const survive = async <T>(work: () => Promise<T>): Promise<T> => {
      const answer = isDead ? forever : await work();
      return isDead ? forever : answer;
    };
    const { clock, store, settings, guard } = this;
    const log = this.#setup.log ?? silentLog;
    const connections = this.#watched(openConnections(clock), survive);
    const keys = { apiKey: new Secret("sk_1"), apiSecret: new Secret("s3cr3t_1") };
    const options = { baseUrl: async () => this.api.url, ...keys, clock, log, random: () => 0.5 };
    const carrier = createHostedCarrier({
      api: createHostedApi(options, connections),
      sends: gateSends(store.sends, survive),
      clock,
      log,
      waveSize: this.#setup.waveSize ?? 10,
    });
    const gated = gateStore(store, (_method, work) => survive(work));
    const dialer = createDialer({ store: gated, carrier, clock, log, settings, guard });
    this.#process = {
      dialer,
      kill: () => {
        isDead = true;
      },
    };
    await dialer.start();
    await clock.settle();
  }

  override async addBatch(...given: Parameters<DialingWorld["addBatch"]>): Promise<string> {
    const id = await super.addBatch(...given);
    this.#process?.dialer.wake();
    // The calls of a wave are waited for a moment.
    await this.clock.advance({ ms: 250 });
    return id;
  }

  /** Pauses without waiting for time to move: the answer is awaited. */
  override get rung(): readonly string[] {
    return this.phones.rung;
  }

  async close(): Promise<void> {
    this.#process?.kill();
    await this.api.stop();
  }

  // Time stands still while a request is on its way, unless it is never answered.
  async #quiet(): Promise<void> {
    for (let isBusy = true; isBusy; ) {
      isBusy = this.#isBusy();
      await this.#process?.dialer.idle();
      await setImmediate();
      isBusy ||= this.#isBusy();
    }
  }

  #isBusy(): boolean {
    return [...this.#onTheirWay].some((id) => !this.api.held.has(id));
  }

  #watched(connections: Connections, survive: <T>(work: () => Promise<T>) => Promise<T>): Connections {
    const watch =
      (exchange: Connections["exchange"]): Connections["exchange"] =>
      (request) => {
        const id = randomUUID();
        return survive(() => {
          this.#onTheirWay.add(id);
          const headers = { ...request.headers, "x-test-id": id };
          return exchange({ ...request, headers }).finally(() => this.#onTheirWay.delete(id));
        });
      };
    return {
      exchange: watch(connections.exchange),
      exchangeAfresh: watch(connections.exchangeAfresh),
      close: () => connections.close(),
    };
  }
}

function gateSends(sends: SendLedger, survive: <T>(work: () => Promise<T>) => Promise<T>): SendLedger {
  return {
    prepare: (...given) => survive(() => sends.prepare(...given)),
    move: (...given) => survive(() => sends.move(...given)),
    find: (...given) => survive(() => sends.find(...given)),
    nameCall: (...given) => survive(() => sends.nameCall(...given)),
    left: () => survive(() => sends.left()),
    removed: (...given) => survive(() => sends.removed(...given)),
    bind: (...given) => survive(() => sends.bind(...given)),
  };
}
