import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AccountKeys, Caller } from "../access/index.ts";
import type { OperatorQuestions } from "../approval-page/operator-page.ts";
import type { ApprovalRequest } from "../campaigns/approve/index.ts";
import { stopMark } from "../campaigns/records/index.ts";
import { createBatchCallApi } from "../client/batch-call-api.ts";
import { Problem } from "../domain/problem.ts";
import { mapAtOnce } from "../lib/at-once.ts";
import { Background } from "../lib/background.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { isSameSecret } from "../lib/same-secret.ts";
import type { OpenOrganization } from "../mcp/visit.ts";
import { type ClosedLedgers, openClosedLedgers } from "./closed-ledgers.ts";
import { findOrganizationDirs, organizationDir } from "./organization-dirs.ts";
import type { Session, SessionOptions } from "./session.ts";
import type { Upstream } from "./upstream.ts";

export type OrganizationParts = {
  /** The operator's own, which stays open. */
  readonly home: Session;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Opens what another organization has, in a folder of its own. */
  readonly openSession: (
    dataDir: string,
    organization: NonNullable<SessionOptions["organization"]>,
  ) => Promise<Session>;
};

type Opened = {
  readonly organization: string | undefined;
  readonly session: Promise<Session>;
  readonly door: Promise<OpenOrganization>;
  usedAtMs: number;
  /** Until when the keys of a caller are known to be good; the API is asked again then. */
  keysGoodUntilMs: number;
};

/** Longer than a question is open, so that nobody's answer finds it closed. */
const idleMs = 30 * 60 * 1000;
const openWithoutLooking = 200;
const keysGoodForMs = 5 * 60 * 1000;
const stopSeenAfterMs = 1000;
const pausedAtOnce = 10;

/**
 * What belongs to whom. Each organization has its own ledger, lists, files and account at the API, in a folder and connections of its
 * own, and a caller is given those alone: what is another's is not there, and answers as what never was.
 */
export class Organizations {
  readonly #parts: OrganizationParts;
  readonly #home: OpenOrganization;
  readonly #opened = new Map<string, Opened>();
  readonly #background: Background;
  /** When the stop was set that is on; undefined while none is. */
  #stoppedAt: number | undefined;

  constructor(parts: OrganizationParts) {
    this.#parts = parts;
    this.#home = toDoor(parts.home);
    this.#background = new Background(parts.clock, parts.log);
    this.#stoppedAt = this.#readStop();
    // What runs from before this server.
    if (this.#stoppedAt !== undefined) this.#pauseEverywhere();
    this.#watchStop();
  }

  /**
   * Throws `unauthorized` where the organization has no account here, or the API does not take the caller's keys; what an API
   * that cannot be asked throws.
   */
  async open({ organization, accountKeys: given }: Caller): Promise<OpenOrganization> {
    const accountKeys = given && this.#isOwnAccount(organization, given) ? undefined : given;
    if (organization === undefined && accountKeys === undefined) return this.#home;
    const dir = organizationDir(this.#parts.dataDir, organization, accountKeys && revealed(accountKeys));
    const now = this.#parts.clock.monotonicMs();
    const known = this.#opened.get(dir);
    const upstream = this.#upstreamOf(organization, accountKeys);
    if (accountKeys && !(known && now < known.keysGoodUntilMs)) await this.#tryKeys(upstream);
    const opened = this.#opened.get(dir) ?? this.#open(dir, organization, upstream);
    opened.usedAtMs = now;
    if (accountKeys && now >= opened.keysGoodUntilMs) opened.keysGoodUntilMs = now + keysGoodForMs;
    return opened.door;
  }

  /** The questions of an organization, also those about accounts that its callers have keys for. */
  async questionsOf(caller: Caller): Promise<OperatorQuestions> {
    const { organization } = caller;
    // What waits there from before this server started is shown too.
    await this.open(caller).catch(() => undefined);
    const others = [...this.#opened.values()].filter((one) => one.organization === organization);
    const home = organization === undefined ? [this.#parts.home] : [];
    const opened = await Promise.allSettled(others.map(async (one) => ({ one, session: await one.session })));
    const accounts = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const own =
      home[0] ?? (await this.#opened.get(organizationDir(this.#parts.dataDir, organization, undefined))?.session);
    const sessions = accounts.map(({ one, session }) => ({
      ...session.formParts,
      // Whoever looks at calls sends no request of the account that they are in.
      liveOf: (request: ApprovalRequest) => {
        one.usedAtMs = this.#parts.clock.monotonicMs();
        return session.formParts.liveOf?.(request);
      },
      isOwn: session === own,
    }));
    const closed = await this.#closedLedgers(organization);
    const homes = home.map(({ formParts }) => ({ ...formParts, isOwn: true }));
    return mergeQuestions([...homes, ...sessions], closed, this.#parts);
  }

  /** What was agreed to in accounts of the organization that are not open: nobody sent their keys since this server started. */
  async #closedLedgers(organization: string | undefined): Promise<ClosedLedgers> {
    const dirs = await findOrganizationDirs(this.#parts.dataDir, organization);
    const paths = dirs.filter((dir) => !this.#opened.has(dir)).map((dir) => join(dir, "ledger.sqlite"));
    return openClosedLedgers(paths.filter((path) => existsSync(path)));
  }

  async close(): Promise<void> {
    await this.#background.close();
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    await Promise.all(opened.map(closeOne));
  }

  /** What is done with an organization's own account stands in one ledger, whoever brings its keys. */
  #isOwnAccount(organization: string | undefined, { apiKey, apiSecret }: AccountKeys): boolean {
    const { upstream } = this.#parts.home;
    const own = organization === undefined ? upstream : upstream.ofOrganization(organization);
    return (
      own !== undefined &&
      isSameSecret(apiKey.reveal(), own.apiKey.reveal()) &&
      isSameSecret(apiSecret.reveal(), own.apiSecret.reveal())
    );
  }

  #upstreamOf(organization: string | undefined, keys: AccountKeys | undefined): Upstream {
    const { upstream } = this.#parts.home;
    if (keys) return upstream.withKeys(keys);
    const own = organization === undefined ? upstream : upstream.ofOrganization(organization);
    if (own) return own;
    throw new Problem(
      "unauthorized",
      "Your organization has no account at the API here. Nothing was done. Send X-API-KEY and X-API-SECRET of yours with each request, or have the operator put it into BATCH_CALL_ORGANIZATIONS_FILE.",
    );
  }

  /** Before anything of theirs is opened or made: whoever knows half of a pair of keys has nothing here. */
  async #tryKeys(upstream: Upstream): Promise<void> {
    const { clock, log } = this.#parts;
    const api = createBatchCallApi({ ...upstream, clock, log });
    try {
      await api.listAgents({ page: 0, limit: 1 });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "unauthorized") throw error;
      throw new Problem(
        "unauthorized",
        "The API does not take the X-API-KEY and X-API-SECRET that were sent. Nothing was done.",
      );
    } finally {
      await api.close();
    }
  }

  /** The command that stops everything may have less keys than this server: what was agreed to is paused here too, within seconds. */
  #watchStop(): void {
    this.#background.after(stopSeenAfterMs, async () => {
      const [before, now] = [this.#stoppedAt, this.#readStop()];
      this.#stoppedAt = now;
      if (now !== undefined && now !== before) this.#pauseEverywhere();
      this.#watchStop();
    });
  }

  #readStop(): number | undefined {
    const { killSwitch } = this.#parts.home;
    return killSwitch.isOn() ? killSwitch.changedAt()?.getTime() : undefined;
  }

  /** At the operator's own account, at all that are open, and at those of the operator's file that anything was ever done with. */
  #pauseEverywhere(): void {
    const { home, dataDir } = this.#parts;
    this.#pauseStarted(() => Promise.resolve(home));
    for (const dir of this.#opened.keys()) this.#pauseStarted(() => this.#opened.get(dir)?.session);
    for (const organization of home.upstream.organizations) {
      const dir = organizationDir(dataDir, organization, undefined);
      if (this.#opened.has(dir) || !existsSync(join(dir, "ledger.sqlite"))) continue;
      const upstream = home.upstream.ofOrganization(organization);
      // It is paused once it is open.
      if (upstream) this.#open(dir, organization, upstream);
    }
  }

  /**
   * Pauses all that was agreed to in an account, again and again until it is done, the stop is over or the account is closed (undefined).
   * Each batch that calls nobody any more is noted in the account's record, where the command that gave the stop looks.
   */
  #pauseStarted(sessionOf: () => Promise<Session> | undefined): void {
    const { clock, log, home } = this.#parts;
    const step = async (): Promise<void> => {
      const session = await sessionOf();
      const stop = this.#readStop();
      if (!session || stop === undefined) return;
      const { approvals, liveOf } = session.formParts;
      let left = 0;
      const note = (batchId: string): void => session.audit.append(stopMark(batchId, new Date(stop), clock.now()));
      await mapAtOnce(approvals.agreed(clock.now()), pausedAtOnce, async (request) => {
        const { batchId } = request.summary;
        const live = liveOf?.(request);
        try {
          const batch = await live?.look(batchId);
          if (!live || !batch) return;
          if (!batch.isOver && !batch.isUnstarted) {
            await live.stop(batchId, "stop-all");
            log.warn({ batchId }, "paused, as all calls are stopped");
          }
          note(batchId);
        } catch (err) {
          if (!(err instanceof Problem)) throw err;
          if (err.code === "not_found") return note(batchId);
          // It was paused or over already, unless it was on its way from one state to another.
          if (err.code === "wrong_state" && !(await live?.look(batchId))?.canStop) return note(batchId);
          log.error({ batchId, err }, "NOT paused, though all calls are stopped");
          if (err.code !== "unsupported") left += 1;
        }
      });
      if (left > 0 && home.killSwitch.isOn()) throw new Error(`${left} batch(es) are not paused yet`);
    };
    void this.#background.retryUntilDone({}, step);
  }

  #open(dir: string, organization: string | undefined, upstream: Upstream): Opened {
    this.#closeIdle();
    const { home, openSession } = this.#parts;
    const session = openSession(dir, { upstream, killSwitch: home.killSwitch });
    const door = session.then(toDoor);
    const opened: Opened = { organization, session, door, usedAtMs: 0, keysGoodUntilMs: 0 };
    this.#opened.set(dir, opened);
    // What runs from before this server, or while it did not know the keys.
    if (home.killSwitch.isOn())
      opened.door.then(() => this.#pauseStarted(() => this.#opened.get(dir)?.session)).catch(() => {});
    // One that could not be opened is tried again with the next request.
    opened.door.catch(() => this.#opened.delete(dir));
    return opened;
  }

  #closeIdle(): void {
    if (this.#opened.size < openWithoutLooking) return;
    const now = this.#parts.clock.monotonicMs();
    for (const [dir, opened] of this.#opened) {
      if (now - opened.usedAtMs < idleMs) continue;
      this.#opened.delete(dir);
      closeOne(opened).catch((err: unknown) =>
        this.#parts.log.warn({ err }, "an organization's files were not closed in order"),
      );
    }
  }
}

async function closeOne({ session }: Opened): Promise<void> {
  await session.then(
    (one) => one.close(),
    () => {},
  );
}

function toDoor({ served, uploads, downloads, audit }: Session): OpenOrganization {
  return { makeContext: served.makeContext, keepUpload: uploads.keep, takeDownload: downloads.take, audit };
}

function revealed({ apiKey, apiSecret }: AccountKeys) {
  return { apiKey: apiKey.reveal(), apiSecret: apiSecret.reveal() };
}

/** What an account has for the pages on which people agree. `isOwn`: the page at `/` shows its batches. */
type AccountQuestions = Session["formParts"] & { readonly isOwn: boolean };

/**
 * Each question is answered in the account in which it was asked, and its calls are looked at and stopped there. Of what was agreed to in
 * `closed` ones is only told that it was.
 */
function mergeQuestions(
  accounts: readonly AccountQuestions[],
  closed: ClosedLedgers,
  { clock, log }: Pick<OrganizationParts, "clock" | "log">,
): OperatorQuestions {
  const accountOf = (id: string) => accounts.find(({ approvals }) => approvals.get(id, clock.now()) !== undefined);
  return {
    clock,
    log,
    approvals: {
      get: (id, now) => accountOf(id)?.approvals.get(id, now) ?? closed.get(id, now),
      openAll: (now) => accounts.flatMap(({ approvals }) => approvals.openAll(now)),
      agreed: (now, most) =>
        [...accounts.flatMap(({ approvals }) => approvals.agreed(now, most)), ...closed.agreed(now, most)]
          .sort(newestAnswerFirst)
          .slice(0, most),
      approve: (id, ...answer) => accountOf(id)?.approvals.approve(id, ...answer) ?? "unknown",
      decline: (id, ...answer) => accountOf(id)?.approvals.decline(id, ...answer) ?? "unknown",
    },
    liveOf: (request) => accountOf(request.id)?.liveOf?.(request),
    whyStopped: () => accounts.map(({ whyStopped }) => whyStopped?.()).find((words) => words !== undefined),
    isOnDashboard: ({ id }) => accountOf(id)?.isOwn ?? false,
    listPeople: async (request, page) => accountOf(request.id)?.listPeople?.(request, page),
    onApproved: async (request) => accountOf(request.id)?.onApproved(request),
  };
}

function newestAnswerFirst(one: ApprovalRequest, other: ApprovalRequest): number {
  return (other.agreedAt?.getTime() ?? 0) - (one.agreedAt?.getTime() ?? 0);
}
