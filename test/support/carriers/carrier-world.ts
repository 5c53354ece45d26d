import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Connections } from "../../../src/lib/http-exchange.ts";
import { type Log, silentLog } from "../../../src/lib/log.ts";
import type { Carrier } from "../../../src/service/carriers/carrier.ts";
import { createDialer, type Dialer } from "../../../src/service/dialing/dialer.ts";
import type { ServiceSettings } from "../../../src/service/dialing/dialing.ts";
import type { SendLedger } from "../../../src/service/store/send-ledger.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { DialingWorld } from "../dialing/dialing-world.ts";
import { gateStore, mortal, turns } from "../dialing/gated-store.ts";

export type CarrierWorldSetup = {
  readonly settings?: Partial<ServiceSettings>;
  readonly store?: Store;
  readonly log?: Log;
  readonly now?: string;
};

/** Of the event loop: enough for what is done between two requests. */
const aFewTurns = 20;

/** Does the work as long as the process lives; of a dead one nothing comes back, and it does nothing more. */
type Survive = <T>(work: () => Promise<T>) => Promise<T>;

type Process = { readonly dialer: Dialer; kill(): void };

/** What a carrier of one process is made of. */
export type ProcessParts = { readonly survive: Survive; readonly sends: SendLedger; readonly log: Log };

/** Store, dialer and a real carrier before a stand-in of its provider, on a clock that the test moves. Processes can be killed. */
export abstract class CarrierWorld extends DialingWorld {
  readonly #log: Log;
  readonly #onTheirWay = new Set<string>();
  /** What stores are doing at the moment: one in a database takes its time. */
  readonly #inStores = new Set<Promise<unknown>>();
  #process: Process | undefined;
  readonly #beside: Process[] = [];

  constructor(setup: CarrierWorldSetup) {
    super({ ...setup, settings: { startsPerSecond: 100, maxConcurrent: 100, ...setup.settings } });
    this.#log = setup.log ?? silentLog;
    this.clock.settleWith(() => this.#quiet());
  }

  protected abstract openCarrier(parts: ProcessParts): Carrier;
  /** Ids of the requests that the stand-in does not answer. */
  protected abstract get held(): ReadonlySet<string>;

  override get dialer(): Dialer {
    if (!this.#process) throw new Error("The dialer was not started");
    return this.#process.dialer;
  }

  /** Starts a process; one that ran before is dead from here on, as if it had been killed: what it asked for may still happen. */
  async startProcess(): Promise<void> {
    await this.#process?.kill();
    await this.#start(this.store, (opened) => {
      this.#process = opened;
    });
  }

  /** Starts another process beside the first, on its own view of the same database. */
  startBeside(store: Store): Promise<void> {
    return this.#start(store, (opened) => this.#beside.push(opened));
  }

  async #start(store: Store, onOpened: (opened: Process) => void): Promise<void> {
    let isDead = false;
    const forever = new Promise<never>(() => {});
    const survive: Survive = async (work) => {
      const answer = isDead ? forever : await work();
      return isDead ? forever : answer;
    };
    const inStore: Survive = (work) => survive(() => this.#countInStores(work));
    const { clock, settings, guard } = this;
    const log = this.#log;
    const carrier = this.openCarrier({ survive, sends: gateSends(store.sends, inStore), log });
    const gated = mortal(gateStore(store, (_method, work) => inStore(work)));
    const dialer = createDialer({ store: gated.store, carrier, clock, log, settings, guard });
    onOpened({
      dialer,
      kill: () => {
        isDead = true;
        return gated.endWatches();
      },
    });
    // It asks the carrier first, which can take until time moves on.
    void survive(() => dialer.start());
    await clock.settle();
  }

  override async addBatch(...given: Parameters<DialingWorld["addBatch"]>): Promise<string> {
    const id = await super.addBatch(...given);
    for (const { dialer } of this.#living) dialer.wake();
    // The calls of a wave are waited for a moment.
    await this.clock.advance({ ms: 250 });
    return id;
  }

  /** Sends a request under an id of its own, by which the clock knows that it is on its way. */
  protected track<T>(survive: Survive, send: (id: string) => Promise<T>): Promise<T> {
    const id = randomUUID();
    return survive(() => {
      this.#onTheirWay.add(id);
      return send(id).finally(() => this.#onTheirWay.delete(id));
    });
  }

  /** Connections whose requests are on their way as long as the process lives. */
  protected watched(connections: Connections, survive: Survive): Connections {
    const watch =
      (exchange: Connections["exchange"]): Connections["exchange"] =>
      (request) =>
        this.track(survive, (id) => exchange({ ...request, headers: { ...request.headers, "x-test-id": id } }));
    return {
      exchange: watch(connections.exchange),
      exchangeAfresh: watch(connections.exchangeAfresh),
      close: () => connections.close(),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#living.map((one) => one.kill()));
  }

  get #living(): readonly Process[] {
    return [...(this.#process ? [this.#process] : []), ...this.#beside];
  }

  async #countInStores<T>(work: () => Promise<T>): Promise<T> {
    const working = work();
    this.#inStores.add(working);
    try {
      return await working;
    } finally {
      this.#inStores.delete(working);
    }
  }

  // Time stands still while a request is on its way, unless it is never answered.
  async #quiet(): Promise<void> {
    for (let isBusy = true; isBusy; ) {
      isBusy = this.#isBusy();
      // A database answers sooner where nobody spins beside it.
      if (this.#inStores.size > 0) await Promise.race(this.#inStores).catch(() => {});
      // What waits for time to move on, a request that is repeated later say, is not waited for.
      for (const { dialer } of this.#living) await Promise.race([dialer.idle(), turns(aFewTurns)]);
      await setImmediate();
      isBusy ||= this.#isBusy();
    }
  }

  #isBusy(): boolean {
    return this.#inStores.size > 0 || [...this.#onTheirWay].some((id) => !this.held.has(id));
  }
}

function gateSends(sends: SendLedger, survive: Survive): SendLedger {
  return {
    prepare: (...given) => survive(() => sends.prepare(...given)),
    move: (...given) => survive(() => sends.move(...given)),
    find: (...given) => survive(() => sends.find(...given)),
    between: (...given) => survive(() => sends.between(...given)),
    onTheWay: (...given) => survive(() => sends.onTheWay(...given)),
    numbersOf: (...given) => survive(() => sends.numbersOf(...given)),
    givenUp: (...given) => survive(() => sends.givenUp(...given)),
    unknownEnds: (...given) => survive(() => sends.unknownEnds(...given)),
    noteRang: (...given) => survive(() => sends.noteRang(...given)),
    nameCall: (...given) => survive(() => sends.nameCall(...given)),
    left: () => survive(() => sends.left()),
    removed: (...given) => survive(() => sends.removed(...given)),
    bind: (...given) => survive(() => sends.bind(...given)),
  };
}
