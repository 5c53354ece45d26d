import { setImmediate } from "node:timers/promises";
import { openConnections } from "../../../src/client/connection.ts";
import { createHostedApi, type HostedAccount } from "../../../src/client/hosted-api.ts";
import type { HostedApi as HostedRoutes } from "../../../src/contract/hosted-wave.ts";
import { Secret } from "../../../src/domain/secret.ts";
import type { Connections } from "../../../src/lib/http-exchange.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { readAccount } from "../../../src/runtime/hosted-carrier.ts";
import { type AccountSource, createCurrentAccount } from "../../../src/service/accounts/current-account.ts";
import type { CarrierAccount } from "../../../src/service/accounts/simulated-account.ts";
import type { Carrier } from "../../../src/service/carriers/carrier.ts";
import { createHostedCarrier } from "../../../src/service/carriers/hosted/hosted-carrier.ts";
import type { SendLedger } from "../../../src/service/store/send-ledger.ts";
import { turns } from "../dialing/gated-store.ts";
import { HostedApi } from "../http/hosted-api.ts";
import { HostedPhones } from "../http/hosted-phones.ts";
import type { TestClock } from "../test-clock.ts";
import { agentId, fromNumber } from "../world.ts";

const aFewTurns = 20;

/** The carrier `hosted` on a stand-in of the hosted API with phones, for a `World`: the account has the agent and the caller id of `request`. */
export class HostedProvider {
  readonly api: HostedApi;
  readonly phones: HostedPhones;
  readonly #clock: TestClock;
  readonly #waveSize: number;
  #underWay = 0;

  private constructor(api: HostedApi, clock: TestClock, waveSize: number) {
    this.api = api;
    this.#clock = clock;
    this.#waveSize = waveSize;
    this.phones = new HostedPhones(clock);
    api.phones = this.phones;
    api.agents = [agentId];
    api.numbers = [fromNumber];
  }

  static async open(clock: TestClock, waveSize = 1): Promise<HostedProvider> {
    return new HostedProvider(await HostedApi.start(), clock, waveSize);
  }

  /** The agents and caller ids of the account, as a service reads them. */
  async account(): Promise<AccountSource> {
    const read = async (): Promise<CarrierAccount> => {
      const api = this.#connect();
      try {
        return await readAccount(api, { url: this.api.url });
      } finally {
        await api.close();
      }
    };
    return createCurrentAccount({ first: await read(), read, clock: this.#clock, log: silentLog });
  }

  readonly carrier = async (sends: SendLedger): Promise<Carrier> =>
    createHostedCarrier({
      api: this.#connect(),
      sends,
      clock: this.#clock,
      log: silentLog,
      waveSize: this.#waveSize,
    });

  /** Time stands still while a request is on its way; what waits for time to move on is not waited for. */
  readonly settle = async (idle: () => Promise<void>): Promise<void> => {
    for (let isBusy = true; isBusy; ) {
      isBusy = this.#underWay > 0;
      await Promise.race([idle(), turns(aFewTurns)]);
      await setImmediate();
      isBusy ||= this.#underWay > 0;
    }
  };

  stop(): Promise<void> {
    return this.api.stop();
  }

  #connect(): HostedRoutes & HostedAccount {
    const connections = openConnections(this.#clock);
    const counted =
      (exchange: Connections["exchange"]): Connections["exchange"] =>
      (request) => {
        this.#underWay += 1;
        return exchange(request).finally(() => {
          this.#underWay -= 1;
        });
      };
    const keys = { apiKey: new Secret("sk_1"), apiSecret: new Secret("s3cr3t_1") };
    const options = { baseUrl: async () => this.api.url, ...keys, clock: this.#clock, log: silentLog };
    return createHostedApi(options, {
      exchange: counted(connections.exchange),
      exchangeAfresh: counted(connections.exchangeAfresh),
      close: () => connections.close(),
    });
  }
}
