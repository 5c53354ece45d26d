import { createHash } from "node:crypto";
import { cutOrder, type PlannedPart, toGroupId } from "../../domain/batch/group.ts";
import type { Assigned } from "../../domain/batch/group-change.ts";
import type { BatchPlan, Recipient } from "../../domain/batch/plan.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";

const keptForMs = 30 * 24 * 60 * 60 * 1000;

/** One part of a group: where it was cut from the list, and the batch that it became. */
export type PartRecord = {
  /** 1 for the first. */
  readonly part: number;
  /** As it was cut; 0 where everybody in it is on the do-not-call list, so that it becomes no batch. */
  readonly recipients: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly batchId?: string;
};

/** A cancel that is under way stays one. */
export type Stop = "pause" | "cancel";

/** A list that became, or is about to become, linked batches. */
export type GroupRecord = {
  readonly groupId: string;
  readonly key: string;
  readonly generation: number;
  /** `creating`: some part may be missing. `cancelled`: no further part is created. */
  readonly state: "creating" | "created" | "cancelled";
  /** What is done to all parts and not done yet. */
  readonly stopping?: Stop;
  readonly name: string;
  /** Names the people in the order in which they were cut. */
  readonly cutDigest: string;
  readonly createdAt: Date;
  readonly parts: readonly PartRecord[];
};

/** The groups of one data directory, shared by all its processes. */
export type GroupLog = {
  get(account: string, groupId: string): GroupRecord | undefined;
  /** The newest of this content, of the last 30 days. */
  latest(key: string, now: Date): GroupRecord | undefined;
  /** Writes down what is about to be created; returns undefined when another call was first. */
  begin(intent: GroupIntent, after: GroupRecord | undefined, now: Date): GroupRecord | undefined;
  partCreated(groupId: string, part: number, batchId: string): void;
  /** Ends `creating`. */
  complete(groupId: string): void;
  /** Writes down that all parts are to be paused, or ended: then no further part is created. */
  stop(groupId: string, stop: Stop): void;
  /** That has been done, or is not wanted any more. */
  endStop(groupId: string, stop: Stop): void;
  /** Groups that are being stopped. */
  stopping(account: string): readonly GroupRecord[];
  rename(groupId: string, name: string): void;
  /** In which part somebody is to be by a change of the list that did not end, by their number. */
  promised(groupId: string): ReadonlyMap<string, number>;
  /** Writes a change of the list down before its first request: who is to be in which part, new parts, and between which rows people are. */
  promise(groupId: string, assigned: Assigned): GroupRecord;
  /** All of that has been done. */
  keepPromises(groupId: string): void;
  /** How many recipients a part has from here on. */
  counted(groupId: string, part: number, recipients: number): void;
  /** The group that a batch is a part of. */
  groupOf(account: string, batchId: string): GroupRecord | undefined;
  /** Newest first, so many that follow a place. */
  list(account: string, limit: number, after: Place): readonly GroupRecord[];
};

/** Where a group or batch stands among the others: epoch ms and id. */
export type Place = { readonly createdAt: number; readonly id: string };

export type GroupIntent = {
  readonly account: string;
  readonly key: string;
  readonly plan: BatchPlan;
  readonly parts: readonly PlannedPart[];
};

export function createGroupLog(database: DatabaseSync): GroupLog {
  const byId = database.prepare("SELECT * FROM batch_groups WHERE account = ? AND group_id = ?");
  const byKey = database.prepare(
    "SELECT * FROM batch_groups WHERE key = ? AND created_at > ? ORDER BY generation DESC LIMIT 1",
  );
  const newest = database.prepare("SELECT max(generation) AS generation FROM batch_groups WHERE key = ?");
  const insert = database.prepare(
    "INSERT INTO batch_groups (group_id, account, key, generation, state, name, cut_digest, created_at) VALUES (?, ?, ?, ?, 'creating', ?, ?, ?)",
  );
  const parts = database.prepare("SELECT * FROM group_parts WHERE group_id = ? ORDER BY part");
  const insertPart = database.prepare(
    "INSERT INTO group_parts (group_id, part, recipients, first_row, last_row) VALUES (?, ?, ?, ?, ?)",
  );
  const partCreated = database.prepare("UPDATE group_parts SET batch_id = ? WHERE group_id = ? AND part = ?");
  const complete = database.prepare(
    "UPDATE batch_groups SET state = 'created' WHERE group_id = ? AND state = 'creating'",
  );
  const pause = database.prepare("UPDATE batch_groups SET stopping = 'pause' WHERE group_id = ? AND stopping IS NULL");
  const cancel = database.prepare(
    "UPDATE batch_groups SET state = 'cancelled', stopping = 'cancel' WHERE group_id = ?",
  );
  const endStop = database.prepare("UPDATE batch_groups SET stopping = NULL WHERE group_id = ? AND stopping = ?");
  const stopping = database.prepare(
    "SELECT * FROM batch_groups WHERE account = ? AND stopping IS NOT NULL ORDER BY created_at",
  );
  const rename = database.prepare("UPDATE batch_groups SET name = ? WHERE group_id = ?");
  const promised = database.prepare("SELECT to_number, part FROM group_newcomers WHERE group_id = ?");
  const promise = database.prepare(
    "INSERT INTO group_newcomers (group_id, to_number, part) VALUES (?, ?, ?) ON CONFLICT (group_id, to_number) DO UPDATE SET part = excluded.part",
  );
  const keepPromises = database.prepare("DELETE FROM group_newcomers WHERE group_id = ?");
  // Rows of the list before and of the one after: until the change is done, results are read by either.
  const widen = database.prepare(
    `INSERT INTO group_parts (group_id, part, recipients, first_row, last_row) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (group_id, part) DO UPDATE SET recipients = CASE WHEN batch_id IS NULL THEN excluded.recipients ELSE recipients END,
       first_row = min(first_row, excluded.first_row), last_row = max(last_row, excluded.last_row)`,
  );
  const counted = database.prepare("UPDATE group_parts SET recipients = ? WHERE group_id = ? AND part = ?");
  const anyAccount = database.prepare("SELECT * FROM batch_groups WHERE group_id = ?");
  const byBatch = database.prepare(
    "SELECT * FROM batch_groups WHERE account = ? AND group_id = (SELECT group_id FROM group_parts WHERE batch_id = ?)",
  );
  const page = database.prepare(
    "SELECT * FROM batch_groups WHERE account = ? AND (created_at < ? OR (created_at = ? AND group_id > ?)) ORDER BY created_at DESC, group_id LIMIT ?",
  );
  const read = (row: Row | undefined): GroupRecord | undefined =>
    row && toRecord(row, parts.all(String(row["group_id"])).map(toPart));

  return {
    get: (account, groupId) => read(byId.get(account, groupId)),
    latest: (key, now) => read(byKey.get(key, now.getTime() - keptForMs)),
    begin: ({ account, key, plan, parts: cut }, after, now) =>
      inTransaction(database, () => {
        const known = Number(newest.get(key)?.["generation"] ?? 0);
        const latest = read(byKey.get(key, now.getTime() - keptForMs));
        if (latest?.generation !== after?.generation) return undefined;
        const generation = known + 1;
        const groupId = toGroupId(sha256(`${key}.${generation}`).slice(0, 24));
        insert.run(groupId, account, key, generation, plan.name, cutDigestOf(plan), now.getTime());
        for (const [index, { plan: own, firstRow, lastRow }] of cut.entries())
          insertPart.run(groupId, index + 1, own.recipients.length, firstRow, lastRow);
        return read(byId.get(account, groupId));
      }),
    partCreated: (groupId, part, batchId) => void partCreated.run(batchId, groupId, part),
    complete: (groupId) => void complete.run(groupId),
    stop: (groupId, stop) => void (stop === "pause" ? pause : cancel).run(groupId),
    endStop: (groupId, stop) => void endStop.run(groupId, stop),
    stopping: (account) => stopping.all(account).flatMap((row) => read(row) ?? []),
    rename: (groupId, name) => void rename.run(name, groupId),
    promised: (groupId) => new Map(promised.all(groupId).map((row) => [String(row["to_number"]), Number(row["part"])])),
    promise: (groupId, { people, newcomers }) =>
      inTransaction(database, () => {
        for (const { part, toNumber } of newcomers) promise.run(groupId, toNumber, part);
        for (const [part, own] of people) {
          const rows = own.map(({ row }) => row);
          const [first, last] = [Math.min(...rows), Math.max(...rows)];
          if (rows.length > 0) widen.run(groupId, part, rows.length, first, last);
        }
        const record = read(anyAccount.get(groupId));
        if (!record) throw new Error(`The ledger lost the group ${groupId}`);
        return record;
      }),
    keepPromises: (groupId) => void keepPromises.run(groupId),
    counted: (groupId, part, recipients) => void counted.run(recipients, groupId, part),
    groupOf: (account, batchId) => read(byBatch.get(account, batchId)),
    list: (account, limit, { createdAt, id }) =>
      page.all(account, createdAt, createdAt, id, limit).flatMap((row) => read(row) ?? []),
  };
}

/** Names the people in the order in which they are cut into parts: SHA-256, hex. */
export function cutDigestOf(plan: BatchPlan): string {
  return sha256(cutOrder(plan).join("\n"));
}

/** By which the API knows the parts of a group as one campaign: of this one alone, also where another of the same content is made. */
export function campaignIdOf({ groupId, createdAt }: Pick<GroupRecord, "groupId" | "createdAt">): string {
  return `${groupId}.${createdAt.getTime().toString(36)}`;
}

/** The key under which a part is created once, see `creationLog`. */
export function keyOfPart({ key, generation }: Pick<GroupRecord, "key" | "generation">, part: number): string {
  return sha256(`${key}.${generation} part ${part}`);
}

/** The same of a part that a change of the list makes: other people make another draft of it. */
export function keyOfChangedPart(
  group: Pick<GroupRecord, "key" | "generation">,
  part: number,
  people: readonly Pick<Recipient, "toNumber">[],
): string {
  return sha256(`${keyOfPart(group, part)} ${people.map(({ toNumber }) => toNumber).join(" ")}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

type Row = Readonly<Record<string, unknown>>;

function toRecord(row: Row, parts: readonly PartRecord[]): GroupRecord {
  return {
    groupId: String(row["group_id"]),
    key: String(row["key"]),
    generation: Number(row["generation"]),
    state: toState(row["state"]),
    ...((row["stopping"] === "pause" || row["stopping"] === "cancel") && { stopping: row["stopping"] }),
    name: String(row["name"]),
    cutDigest: String(row["cut_digest"]),
    createdAt: new Date(Number(row["created_at"])),
    parts,
  };
}

function toPart(row: Row): PartRecord {
  return {
    part: Number(row["part"]),
    recipients: Number(row["recipients"]),
    firstRow: Number(row["first_row"]),
    lastRow: Number(row["last_row"]),
    ...(row["batch_id"] !== null && { batchId: String(row["batch_id"]) }),
  };
}

function toState(state: unknown): GroupRecord["state"] {
  return state === "created" || state === "cancelled" ? state : "creating";
}
