import { Secret } from "../../../src/domain/secret.ts";
import type { Carrier } from "../../../src/service/carriers/carrier.ts";
import { openBridgeConnection } from "../../../src/service/carriers/http/bridge-connection.ts";
import { createHttpCarrier } from "../../../src/service/carriers/http/http-carrier.ts";
import { openSimulatedLedger, type SimulatedLedger } from "../../../src/service/carriers/simulated/ledger.ts";
import { createSimulatedCarrier } from "../../../src/service/carriers/simulated/simulated-carrier.ts";
import { CarrierWorld, type ProcessParts } from "./carrier-world.ts";
import { bridgeSecret, ScriptedBridge } from "./scripted-bridge.ts";

/** The carrier `http` before a scripted bridge. */
export class HttpCarrierWorld extends CarrierWorld {
  #bridge: ScriptedBridge | undefined;

  static async open(): Promise<HttpCarrierWorld> {
    const world = new HttpCarrierWorld({});
    world.#bridge = await ScriptedBridge.start(world.clock);
    await world.startProcess();
    return world;
  }

  get bridge(): ScriptedBridge {
    if (!this.#bridge) throw new Error("The bridge was not started");
    return this.#bridge;
  }

  protected override get held(): ReadonlySet<string> {
    return this.bridge.held;
  }

  protected override openCarrier({ survive, log }: ProcessParts): Carrier {
    const real = openBridgeConnection(this.bridge.url, this.clock);
    const connection: typeof real = {
      exchange: (request) =>
        this.track(survive, (id) => real.exchange({ ...request, headers: { ...request.headers, "x-test-id": id } })),
      close: () => real.close(),
    };
    return createHttpCarrier({ connection, secret: new Secret(bridgeSecret), clock: this.clock, log });
  }

  override get rung(): readonly string[] {
    return this.bridge.rung;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.bridge.stop();
  }
}

/** The simulated carrier, whose ledger outlives its processes. */
export class SimulatedWorld extends CarrierWorld {
  readonly #ledger = openSimulatedLedger(":memory:");
  /** What the ledger wrote down anew, number by number: each is a call. */
  readonly placed: string[] = [];
  /** Stands before each write; throws for one that is to fail. */
  fault: () => "lost_request" | "lost_answer" | undefined = () => undefined;

  static async open(): Promise<SimulatedWorld> {
    const world = new SimulatedWorld({});
    await world.startProcess();
    return world;
  }

  protected override get held(): ReadonlySet<string> {
    return new Set();
  }

  protected override openCarrier({ survive }: ProcessParts): Carrier {
    const ledger: SimulatedLedger = {
      place: (request, plan) =>
        survive(async () => {
          const fault = this.fault();
          if (fault === "lost_request") throw new Error("Scripted fault: lost_request");
          const result = await this.#ledger.place(request, (earlier) => {
            this.placed.push(request.toNumber);
            return plan(earlier);
          });
          if (fault === "lost_answer") throw new Error("Scripted fault: lost_answer");
          return result;
        }),
      find: (token) => survive(() => this.#ledger.find(token)),
      close() {},
    };
    return createSimulatedCarrier({ ledger, clock: this.clock, seed: 1, speed: 1 });
  }

  override get rung(): readonly string[] {
    return this.placed;
  }
}
