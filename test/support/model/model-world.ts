import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApprovalRequest, ApprovalStore } from "../../../src/campaigns/approve/approval.ts";
import { createApprovalStore } from "../../../src/campaigns/approve/approval-store.ts";
import { buildCampaigns } from "../../../src/campaigns/build-campaigns.ts";
import type { Campaigns } from "../../../src/campaigns/campaigns.ts";
import { createGroupLog, type GroupLog } from "../../../src/campaigns/group/group-log.ts";
import { createAudit } from "../../../src/campaigns/records/audit.ts";
import { openCampaignDatabase } from "../../../src/campaigns/records/database.ts";
import { createKillSwitch, type KillSwitch } from "../../../src/campaigns/records/kill-switch.ts";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { contentKey } from "../../../src/domain/batch/fingerprint.ts";
import { cutPlan } from "../../../src/domain/batch/group.ts";
import type { BatchPlan } from "../../../src/domain/batch/plan.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { createKeyring, toHashedKeys } from "../../../src/service/accounts/organizations.ts";
import { simulatedAccount } from "../../../src/service/accounts/simulated-account.ts";
import { createDialer, type Dialer, usualPassRestMs } from "../../../src/service/dialing/dialer.ts";
import { noDialGuard } from "../../../src/service/dialing/dialing.ts";
import { createApp } from "../../../src/service/rest/app.ts";
import { openSqliteStore } from "../../../src/service/store/sqlite/store.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { ScriptedPerson } from "../campaigns/scripted-person.ts";
import { ScriptedCarrier } from "../carriers/scripted-carrier.ts";
import { gateStore } from "../dialing/gated-store.ts";
import { createInProcessApi, type Fetch } from "../http/in-process-api.ts";
import { TestClock } from "../test-clock.ts";

const keys = { organizationId: "org_1", apiKey: new Secret("sk_model"), apiSecret: new Secret("secret_model") };
const upstream = { origin: "test", account: "account" };
const settings = { maxConcurrent: 4, startsPerSecond: 5, minHoursBetweenBatches: 24 };

/** The product in one process without sockets: campaigns, client, REST service, store, dialer, carrier, ledger. */
export class ModelWorld {
  readonly clock = new TestClock("2026-03-02T15:00:00Z");
  readonly carrier = new ScriptedCarrier(this.clock);
  readonly person = new ScriptedPerson();
  readonly store: Store = openSqliteStore(":memory:");
  readonly pages: ApprovalRequest[] = [];
  /** Told of each question that a page is opened for. */
  onPage: (request: ApprovalRequest) => void = () => {};
  readonly campaigns: Campaigns;
  readonly approvals: ApprovalStore;
  readonly killSwitch: KillSwitch;
  readonly api: BatchCallApi;
  readonly #groups: GroupLog;
  readonly #close: () => Promise<void>;
  readonly #fetch: Fetch;
  #dialer: Dialer | undefined;
  #kill = (): void => {};

  private constructor(dir: string) {
    this.carrier.environment = "live";
    const app = createApp({
      store: this.store,
      process: "service",
      standing: () => ({ inFlight: 0, startsPerSecond: 1 }),
      dialing: {
        wake: () => this.#dialer?.wake(),
        settled: async (id) => this.#dialer?.settled(id),
        stopped: async (id) => this.#dialer?.stopped(id),
        carrierRest: () => this.#dialer?.carrierRest(),
        lineWaitOf: (batchId) => this.#dialer?.lineWaitOf(batchId),
      },
      account: async () => simulatedAccount,
      clock: this.clock,
      keyring: createKeyring([toHashedKeys(keys)]),
      environment: "live",
      callLimits: { concurrent: 10, startsPerSecond: 5 },
      answersEnveloped: false,
      metrics: { contentType: "text/plain", render: async () => "" },
      log: silentLog,
    });
    const account = { apiKey: keys.apiKey.reveal(), apiSecret: keys.apiSecret.reveal() };
    this.#fetch = (request) => app.fetch(request);
    this.api = createInProcessApi(this.#fetch, account, this.clock);
    const database = openCampaignDatabase(join(dir, "ledger.sqlite"));
    // The ledger's own durability is tried elsewhere; here thousands of them are made.
    database.exec("PRAGMA synchronous = OFF");
    this.approvals = createApprovalStore(database);
    this.killSwitch = createKillSwitch(database);
    this.#groups = createGroupLog(database);
    this.campaigns = buildCampaigns({
      api: this.api,
      database,
      approvals: this.approvals,
      audit: createAudit(database),
      killSwitch: this.killSwitch,
      clock: this.clock,
      log: silentLog,
      policy: {
        approval: "auto",
        hours: { start: "00:00", end: "24:00" },
        types: ["fixed_line", "mobile", "fixed_line_or_mobile"],
        minHoursBetweenBatches: 24,
        limits: { maxRecipientsPerStart: 1000, maxRecipientsPerDay: 5000 },
      },
      timezone: "America/New_York",
      openPage: async (request) => {
        this.pages.push(request);
        this.onPage(request);
        return "opened";
      },
      account: async () => ({ origin: upstream.origin, id: upstream.account }),
    });
    this.clock.settleWith(async () => this.#dialer?.idle());
    this.#close = async () => {
      await this.campaigns.close();
      await this.#dialer?.stop();
      await this.store.close();
      database.close();
      await rm(dir, { recursive: true });
    };
  }

  static async start(): Promise<ModelWorld> {
    const world = new ModelWorld(await mkdtemp(join(tmpdir(), "batch-call-")));
    await world.startDialer();
    return world;
  }

  /** Starts a dialer; one that ran before is dead from here on, as if its process had been killed. */
  async startDialer(): Promise<void> {
    this.#kill();
    let isDead = false;
    this.#kill = () => {
      isDead = true;
    };
    const forever = new Promise<never>(() => {});
    const store = gateStore(this.store, async (_method, work) => {
      const answer = isDead ? forever : await work();
      return isDead ? forever : answer;
    });
    const guard = { ...noDialGuard, isStopped: () => this.killSwitch.isOn() };
    const { carrier, clock } = this;
    this.#dialer = createDialer({
      store,
      carrier,
      clock,
      log: silentLog,
      settings,
      guard,
      passRestMs: usualPassRestMs,
    });
    await this.#dialer.start();
    await clock.settle();
  }

  /**
   * Writes down that the list becomes linked batches, as a create of it does before its first request, and dies. A list of few people
   * becomes some where so many besides them came on the do-not-call list since.
   */
  async beginGroup(plan: BatchPlan, principal: string): Promise<void> {
    const sent = await this.campaigns.toSend(plan);
    const intent = {
      account: `${upstream.origin} ${upstream.account}`,
      key: contentKey(plan, { ...upstream, principal }),
      plan: sent,
      parts: cutPlan(sent),
    };
    this.#groups.begin(intent, undefined, this.clock.now());
  }

  /** A request that the client of the product does not make; returns the status of the answer. */
  async request(method: string, path: string, body: object): Promise<number> {
    const headers = { "X-API-KEY": keys.apiKey.reveal(), "X-API-SECRET": keys.apiSecret.reveal() };
    const request = new Request(new URL(path, "http://127.0.0.1:9"), { method, headers, body: JSON.stringify(body) });
    const { status } = await this.whileTimePasses(Promise.resolve(this.#fetch(request)));
    return status;
  }

  async wake(): Promise<void> {
    this.#dialer?.wake();
    await this.clock.settle();
  }

  /** Ends the dialer as SIGKILL does. */
  killDialer(): void {
    this.#kill();
    this.#dialer = undefined;
  }

  /** The whole answer, however long the dials on their way take. */
  async whileTimePasses<T>(answer: Promise<T>): Promise<T> {
    const state = { isOver: false };
    const finish = (): void => {
      state.isOver = true;
    };
    answer.then(finish, finish);
    for (await this.clock.settle(); !state.isOver; ) await this.clock.advance({ ms: 500 });
    return answer;
  }

  stop(): Promise<void> {
    return this.#close();
  }
}
