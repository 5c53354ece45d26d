import { createHmac } from "node:crypto";
import type { DatabaseSync } from "../../lib/sqlite.ts";
import { type Answerer, toChannel } from "../records/index.ts";

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const keptForMs = 30 * dayMs;

/** A start that is about to be sent. `by` is who agreed to it; where nobody has to, who asked for it. */
type NewStart = Omit<StartRow, "id" | "state" | "sentAt" | "grant"> & {
  readonly numbers: readonly string[];
  /** What was agreed to, and where: absent where nobody has to agree. */
  readonly grant?: { readonly contentDigest?: string; readonly approvalId: string; readonly lastAt: Date };
};

/** Every start, on disk before its request leaves, kept until 30 days after the last minute in which its phones may ring. Numbers are kept as keyed hashes. */
export type StartLog = {
  /**
   * Writes the start down as `sent`, or returns undefined when one of this batch is `sent` or `unknown`. No transaction
   * of its own: it stands in the one that uses up the approval.
   */
  begin(launch: NewStart, now: Date): StartRow | undefined;
  /** The request of a start that waits is about to leave: undefined when it does not wait any more. */
  leave(id: number, now: Date): StartRow | undefined;
  /** Ends a start that waits, before its request left: false when it does not wait any more. */
  giveUp(id: number, now: Date): boolean;
  /** Starts that wait for their turn, the first one first. */
  waiting(account: string): readonly StartRow[];
  /** True when the newest start of this batch was agreed to, and its request never left. */
  wasGivenUp(account: string, batchId: string): boolean;
  /** Ends a `sent` or `unknown` start, once: false when another process was first. */
  resolve(id: number, state: "done" | "unknown" | "failed", now: Date): boolean;
  /** True when the newest start of this batch that was carried out was this one. */
  wasLast(account: string, batchId: string, fingerprint: string): boolean;
  /** True when a start of this batch was taken, also when it was put back before its time. */
  wasStarted(account: string, batchId: string): boolean;
  /** True when the newest start of this batch whose request left, and was not refused or taken back, was for at once. */
  wasStartedAtOnce(account: string, batchId: string): boolean;
  /**
   * What was agreed to before for a batch: the last start that was taken, and those of the numbers that none of its starts had.
   * Undefined when none was.
   */
  agreedBefore(account: string, batchId: string, numbers: readonly string[]): AgreedBefore | undefined;
  /** The question whose answer was used up for the newest start of this batch; undefined where none was. */
  approvalOf(account: string, batchId: string): string | undefined;
  /** The start of this batch whose outcome is open. */
  openOf(account: string, batchId: string): StartRow | undefined;
  allOpen(account: string): readonly StartRow[];
  /** Launches that ring, or may ring, less than 24 hours before or after. */
  near(account: string, at: Date): readonly StartRow[];
  /** How many of the numbers another batch than those calls less than so many hours before or after these calls. */
  countCalledNear(
    account: string,
    batchIds: readonly string[],
    numbers: readonly string[],
    calls: CallSpan,
    hours: number,
  ): number;
  /** A batch that was put back before its time rings nobody; a start of it that waits is given up. */
  withdraw(account: string, batchId: string, now: Date): void;
};

export type AgreedBefore = Pick<StartRow, "attempts"> & {
  readonly contentDigest?: string;
  readonly newNumbers: ReadonlySet<string>;
};

/** From the first to the last minute at which phones are expected to ring. */
export type CallSpan = { readonly from: Date; readonly until: Date };

export function createStartLog(database: DatabaseSync): StartLog {
  const sql = prepareStartLog(database);
  const key = Buffer.from(String(sql.numberKey.get()?.["key"]), "hex");
  const hash = (number: string): string => createHmac("sha256", key).update(number).digest("base64url").slice(0, 22);

  return {
    begin({ by, numbers, grant, waits, ...launch }, now) {
      const time = now.getTime();
      sql.prune.run(time - keptForMs);
      const row = sql.insert.get(
        launch.account,
        launch.batchId,
        launch.action,
        launch.fingerprint,
        launch.ringsAt.getTime(),
        launch.ringsUntil.getTime(),
        launch.recipients,
        launch.attempts,
        by.principal,
        by.channel ?? null,
        by.client ?? null,
        grant?.contentDigest ?? null,
        grant?.approvalId ?? null,
        grant?.lastAt.getTime() ?? null,
        time,
        time,
        waits ? 1 : 0,
        launch.stateVersion ?? null,
        launch.local ?? null,
        launch.redialUnknown ? 1 : 0,
        launch.grantId ?? null,
      );
      if (!row) return undefined;
      sql.insertNumbers.run(Number(row["id"]), JSON.stringify([...new Set(numbers.map(hash))]));
      return toStartRow(row);
    },
    leave(id, now) {
      const row = sql.leave.get(now.getTime(), now.getTime(), id);
      return row && toStartRow(row);
    },
    giveUp: (id, now) => Number(sql.giveUpOne.run(now.getTime(), id).changes) === 1,
    waiting: (account) => sql.waiting.all(account).map(toStartRow),
    wasGivenUp(account, batchId) {
      const row = sql.newest.get(account, batchId);
      return row?.["state"] === "failed" && row["waits"] === 1;
    },
    resolve: (id, state, now) => Number(sql.resolve.run(state, now.getTime(), id, state).changes) === 1,
    wasLast: (account, batchId, fingerprint) => sql.last.get(account, batchId)?.["fingerprint"] === fingerprint,
    wasStarted: (account, batchId) => sql.started.get(account, batchId) !== undefined,
    wasStartedAtOnce: (account, batchId) => sql.lastAction.get(account, batchId)?.["action"] === "now",
    agreedBefore(account, batchId, numbers) {
      const row = sql.last.get(account, batchId);
      if (!row) return undefined;
      const digest = row["content_digest"];
      const known = new Set(sql.startedNumbers.all(account, batchId).map((one) => String(one["number_hash"])));
      return {
        attempts: Number(row["attempts"]),
        newNumbers: new Set(numbers.filter((number) => !known.has(hash(number)))),
        ...(typeof digest === "string" && { contentDigest: digest }),
      };
    },
    approvalOf(account, batchId) {
      const id = sql.approvalOf.get(account, batchId)?.["approval_id"];
      return typeof id === "string" ? id : undefined;
    },
    openOf(account, batchId) {
      const row = sql.openOf.get(account, batchId);
      return row && toStartRow(row);
    },
    allOpen: (account) => sql.allOpen.all(account).map(toStartRow),
    near: (account, at) => sql.near.all(account, at.getTime() - dayMs, at.getTime() + dayMs).map(toStartRow),
    countCalledNear(account, batchIds, numbers, { from, until }, hours) {
      const distanceMs = hours * hourMs;
      const [first, last] = [from.getTime() - distanceMs, until.getTime() + distanceMs];
      const others = [account, first, last, JSON.stringify(batchIds)] as const;
      // Numbers are hashed only where there is somebody to compare them with.
      if (!sql.anyNear.get(...others)) return 0;
      const row = sql.calledNear.get(...others, JSON.stringify(numbers.map(hash)));
      return Number(row?.["called"]);
    },
    withdraw(account, batchId, now) {
      sql.giveUp.run(now.getTime(), account, batchId);
      sql.withdraw.run(now.getTime(), account, batchId, now.getTime());
    },
  };
}

/** Parameters stand in the order of the question marks; instants are ms. */
function prepareStartLog(database: DatabaseSync) {
  const counts = "state IN ('sent', 'done', 'unknown')";
  return {
    numberKey: database.prepare("SELECT key FROM number_key"),
    // As long as its phones may ring, and those of others keep a distance to it, a start is not old.
    prune: database.prepare(
      "DELETE FROM launches WHERE max(sent_at, rings_at, rings_until, coalesce(last_at, 0)) <= ? AND state NOT IN ('sent', 'unknown')",
    ),
    insert: database.prepare(
      `INSERT INTO launches (account, batch_id, action, state, fingerprint, rings_at, rings_until, recipients, attempts, principal, channel, client, content_digest, approval_id, last_at, sent_at, updated_at, waits, state_version, local_time, redial_unknown, resumed_grant_id)
       VALUES (?, ?, ?, 'sent', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING *`,
    ),
    insertNumbers: database.prepare(
      "INSERT INTO launched_numbers (number_hash, launch_id) SELECT value, ?1 FROM json_each(?2)",
    ),
    resolve: database.prepare(
      "UPDATE launches SET state = ?, updated_at = ? WHERE id = ? AND state IN ('sent', 'unknown') AND state <> ?",
    ),
    openOf: database.prepare(
      "SELECT * FROM launches WHERE account = ? AND batch_id = ? AND state IN ('sent', 'unknown')",
    ),
    last: database.prepare(
      "SELECT fingerprint, attempts, content_digest FROM launches WHERE account = ? AND batch_id = ? AND state IN ('done', 'withdrawn') ORDER BY id DESC LIMIT 1",
    ),
    lastAction: database.prepare(
      `SELECT action FROM launches WHERE account = ? AND batch_id = ? AND waits = 0 AND action <> 'resume' AND ${counts}
       ORDER BY id DESC LIMIT 1`,
    ),
    startedNumbers: database.prepare(
      `SELECT DISTINCT number_hash FROM launched_numbers WHERE launch_id IN (
         SELECT id FROM launches WHERE account = ? AND batch_id = ? AND state IN ('done', 'withdrawn'))`,
    ),
    approvalOf: database.prepare(
      "SELECT approval_id FROM launches WHERE account = ? AND batch_id = ? AND approval_id IS NOT NULL ORDER BY id DESC LIMIT 1",
    ),
    allOpen: database.prepare("SELECT * FROM launches WHERE account = ? AND state = 'sent' AND waits = 0 ORDER BY id"),
    waiting: database.prepare("SELECT * FROM launches WHERE account = ? AND state = 'sent' AND waits = 1 ORDER BY id"),
    newest: database.prepare(
      "SELECT state, waits FROM launches WHERE account = ? AND batch_id = ? ORDER BY id DESC LIMIT 1",
    ),
    leave: database.prepare(
      "UPDATE launches SET waits = 0, sent_at = ?, updated_at = ? WHERE id = ? AND state = 'sent' AND waits = 1 RETURNING *",
    ),
    giveUpOne: database.prepare(
      "UPDATE launches SET state = 'failed', updated_at = ? WHERE id = ? AND state = 'sent' AND waits = 1",
    ),
    giveUp: database.prepare(
      "UPDATE launches SET state = 'failed', updated_at = ? WHERE account = ? AND batch_id = ? AND state = 'sent' AND waits = 1",
    ),
    near: database.prepare(`SELECT * FROM launches WHERE account = ? AND rings_at > ? AND rings_at < ? AND ${counts}`),
    anyNear: database.prepare(
      `SELECT 1 FROM launches WHERE account = ? AND rings_until > ? AND rings_at < ?
         AND batch_id NOT IN (SELECT value FROM json_each(?)) AND ${counts} LIMIT 1`,
    ),
    calledNear: database.prepare(
      `SELECT count(DISTINCT number_hash) AS called FROM launched_numbers
       WHERE launch_id IN (
         SELECT id FROM launches WHERE account = ? AND rings_until > ? AND rings_at < ?
           AND batch_id NOT IN (SELECT value FROM json_each(?)) AND ${counts})
         AND number_hash IN (SELECT value FROM json_each(?))`,
    ),
    withdraw: database.prepare(
      "UPDATE launches SET state = 'withdrawn', updated_at = ? WHERE account = ? AND batch_id = ? AND state = 'done' AND rings_at > ?",
    ),
    started: database.prepare(
      "SELECT 1 FROM launches WHERE account = ? AND batch_id = ? AND state IN ('done', 'withdrawn') LIMIT 1",
    ),
  };
}

const actions = ["now", "at", "resume"] as const;
const states = ["sent", "done", "unknown", "failed", "withdrawn"] as const;

/** A start in the ledger. */
export type StartRow = {
  readonly id: number;
  /** Origin and id of the account. */
  readonly account: string;
  readonly batchId: string;
  readonly action: (typeof actions)[number];
  /** Of a start at the recipients' own time. */
  readonly local?: string;
  /** Of a resume, see `StartAction`. */
  readonly redialUnknown?: boolean;
  readonly grantId?: string;
  /**
   * `sent`: its request is on its way, or its process died. `done`: the batch was seen to run or to be scheduled.
   * `unknown`: it was seen not to run for two minutes, and the request may still arrive. `failed`: refused by the API.
   * `withdrawn`: put back before its time.
   */
  readonly state: (typeof states)[number];
  readonly fingerprint: string;
  /** When the first phone rings: the scheduled time, or when it was sent. */
  readonly ringsAt: Date;
  /** When the last phone is expected to ring, by its rules. */
  readonly ringsUntil: Date;
  readonly recipients: number;
  /** The most attempts that each recipient gets. */
  readonly attempts: number;
  /** Absent channel: nobody had to agree. */
  readonly by: Omit<Answerer, "channel"> & Partial<Pick<Answerer, "channel">>;
  /** When its request left; while it waits, when it was agreed to. */
  readonly sentAt: Date;
  /** Its request has not left: it was agreed to together with others, one after the other. */
  readonly waits: boolean;
  /** In which state the batch was when it was agreed to; absent where the API does not tell. */
  readonly stateVersion?: number;
  /** What was agreed to, where somebody had to. */
  readonly grant?: { readonly contentDigest?: string; readonly approvalId: string; readonly lastAt: Date };
};

type Row = Readonly<Record<string, unknown>>;

function toStartRow(row: Row): StartRow {
  const channel = toChannel(row["channel"]);
  const { approval_id: approvalId, content_digest: contentDigest } = row;
  return {
    id: Number(row["id"]),
    account: String(row["account"]),
    batchId: String(row["batch_id"]),
    action: oneOf(actions, row["action"]),
    state: oneOf(states, row["state"]),
    fingerprint: String(row["fingerprint"]),
    ringsAt: new Date(Number(row["rings_at"])),
    ringsUntil: new Date(Number(row["rings_until"])),
    recipients: Number(row["recipients"]),
    attempts: Number(row["attempts"]),
    by: {
      principal: String(row["principal"]),
      ...(channel && { channel }),
      ...(row["client"] !== null && { client: String(row["client"]) }),
    },
    sentAt: new Date(Number(row["sent_at"])),
    waits: row["waits"] === 1,
    ...(typeof row["local_time"] === "string" && { local: row["local_time"] }),
    ...(row["redial_unknown"] === 1 && { redialUnknown: true }),
    ...(typeof row["resumed_grant_id"] === "string" && { grantId: row["resumed_grant_id"] }),
    ...(row["state_version"] !== null && { stateVersion: Number(row["state_version"]) }),
    ...(typeof approvalId === "string" && {
      grant: {
        approvalId,
        lastAt: new Date(Number(row["last_at"])),
        ...(typeof contentDigest === "string" && { contentDigest }),
      },
    }),
  };
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`The ledger holds a launch with the unknown word "${value}"`);
  return found;
}
