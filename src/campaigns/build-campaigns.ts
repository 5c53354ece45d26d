import type { BatchCallApi } from "../client/api.ts";
import type { Batch } from "../domain/batch/batch.ts";
import type { Clock } from "../lib/clock-type.ts";
import { contentKey } from "../domain/batch/fingerprint.ts";
import type { BatchPlan } from "../domain/batch/plan.ts";
import { Problem } from "../domain/problem.ts";
import type { Log } from "../lib/log.ts";
import { type Caller, type Expected, type OfferPage, waitsForAgreement } from "./approve/obtain-approval.ts";
import type { ApprovalBook, Audit, KillSwitch } from "./approve/approval.ts";
import { Background } from "../lib/background.ts";
import { buildDoNotCallList } from "./do-not-call.ts";
import { Drafts } from "./create/create-draft.ts";
import { buildEdits } from "./start/edits.ts";
import type { Action } from "./start/read-batch-for-start.ts";
import type { ApprovalNeeded, Launch } from "./campaigns.ts";
import { type Launched, Launcher } from "./start/live-start.ts";
import { createLaunches } from "./start/start-log.ts";
import type { Ledger } from "./create/creation-log.ts";
import type { LaunchPolicy } from "./limits/policy.ts";
import { Questions } from "./approve/pending-approvals.ts";
import { planResume } from "./start/resume.ts";
import { Settlement } from "./start/start-execution.ts";
import { launchSimulated } from "./start/simulated-start.ts";
import { describeStanding } from "./start/start-status.ts";
import { Sweeper } from "./create/orphaned-drafts.ts";
import { Turns } from "../lib/keyed-mutex.ts";
import { foreseeRefusals } from "./start/warnings.ts";

/** The account that batches are created in. Both parts must outlive a restart, for a repeat to be recognised. */
export type Account = {
  /** Origin of the upstream; `self-started` for the service that starts by itself, whose port changes. */
  readonly origin: string;
  /** Names the account and gives nothing of it away, such as a digest of its key. */
  readonly id: string;
};

export type LaunchParts = {
  readonly api: BatchCallApi;
  readonly ledger: Ledger;
  readonly book: ApprovalBook;
  readonly audit: Audit;
  readonly killSwitch: KillSwitch;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: LaunchPolicy;
  /** IANA zone of a batch that tells none. */
  readonly timezone: string;
  readonly offerPage: OfferPage;
  /** Asked when it is first needed: the self-started service makes its keys while it comes up. */
  readonly account: () => Promise<Account>;
};

export function buildLaunch(given: LaunchParts): Launch {
  const { api, ledger, clock, log, policy, book } = given;
  const account = async () => {
    const { origin, id } = await given.account();
    return `${origin} ${id}`;
  };
  const launches = createLaunches(ledger.database);
  const background = new Background(clock, log);
  const doNotCall = buildDoNotCallList({ api, ledger, account: async () => (await given.account()).id, clock });
  const parts = { ...given, account, launches, background, doNotCall };
  const settlement = new Settlement(parts);
  const launcher = new Launcher({ ...parts, settlement });
  const questions = new Questions({ ...parts, launch: (request) => launcher.proceed(request) });
  const sweeper = new Sweeper(parts);
  const drafts = new Drafts({ api, ledger, clock, hours: policy.hours });
  const turns = new Turns();

  const keyOf = async (plan: BatchPlan, principal: string): Promise<string> => {
    const { origin, id } = await given.account();
    return contentKey(plan, { origin, account: id, principal });
  };

  const launch = async (
    batchId: string,
    action: Action,
    by: Caller,
    { expected = {}, needsAgreement = true }: { expected?: Expected; needsAgreement?: boolean } = {},
  ): Promise<Launched> => {
    if ((await api.environment()) === "simulated") {
      return { kind: "begun", batch: await launchSimulated(parts, batchId, action, by.principal) };
    }
    const launched = await launcher.launch({ batchId, action, by, expected, needsAgreement });
    if (launched.kind === "waits" && launched.request) questions.watch(launched.request);
    return launched;
  };

  return {
    async create(plan, { allowDuplicate, by }) {
      const key = await keyOf(plan, by.principal);
      const obtain = () => drafts.obtain(key, plan, allowDuplicate && !isAskedAbout(key));
      const draft = await turns.take(key, obtain).finally(() => sweeper.arm());
      const { start } = plan;
      if (start.kind === "draft" || draft.batch.status !== "draft") return draft;
      const { batchId } = draft.batch;
      const launched = await launch(batchId, start, by).catch((error: unknown) => explainDraft(error, batchId));
      if (launched.kind === "begun") return { ...draft, batch: launched.batch };
      return { ...draft, approval: toApproval(launched) };
    },

    findSame: async (plan, principal) => drafts.find(await keyOf(plan, principal)),
    start: async (batchId, start, by, expected) => requireBegun(await launch(batchId, start, by, { expected })),

    async resume(batchId, options, by) {
      const resume = { kind: "resume", ...options } as const;
      if ((await api.environment()) === "simulated") return requireBegun(await launch(batchId, resume, by));
      const { action, needsAgreement } = await planResume(parts, batchId, resume);
      return requireBegun(await launch(batchId, action, by, { needsAgreement }));
    },

    ...buildEdits(parts),
    standing: async (batchId) => describeStanding(launches.openOf(await account(), batchId), batchId, questions),
    warnings: (plan) => foreseeRefusals(parts, plan),
    proceed: (request) => questions.proceed(request),

    async takeUp() {
      questions.watchAll();
      if ((await api.environment()) === "simulated") return;
      await launcher.reconcile();
      await sweeper.sweep().finally(() => sweeper.arm());
    },

    policy,
    doNotCall,
    close: () => background.close(),
  };

  /**
   * A client of protocol 2026-07-28 repeats the whole call together with a form's answer. The batch that waits for that
   * answer is the duplicate that was asked for, and not one to be duplicated again.
   */
  function isAskedAbout(key: string): boolean {
    const batchId = ledger.latest(key, clock.now())?.batchId;
    return batchId !== undefined && book.openFor(batchId, clock.now()).length > 0;
  }
}

type Waiting = Extract<Launched, { kind: "waits" }>;

function toApproval({ how, summary }: Waiting): ApprovalNeeded {
  return { how, expectedRecipients: summary.recipients, fingerprint: summary.fingerprint };
}

function requireBegun(launched: Launched): Batch {
  if (launched.kind === "begun") return launched.batch;
  throw waitsForAgreement(launched.how, launched.summary);
}

function explainDraft(error: unknown, batchId: string): never {
  if (!(error instanceof Problem)) throw error;
  throw new Problem(
    error.code,
    `${error.message} The batch was created as draft ${batchId}; start it with start_batch.`,
    { issues: error.issues, cause: error },
  );
}
