import { createHash } from "node:crypto";
import type { Environment } from "../../domain/batch/batch.ts";
import type { Consent } from "../../domain/batch/consent.ts";
import type { PlanPreview } from "../../domain/batch/outlook.ts";
import type { BlankVariable, CallingRules } from "../../domain/batch/plan.ts";
import type { BatchHours } from "../../domain/time/calling-hours.ts";
import { type DatabaseSync, inTransaction } from "../../lib/sqlite.ts";

const dayMs = 24 * 60 * 60 * 1000;
const keptForMs = 30 * dayMs;
// Longer than a create can take (5 s to connect, 30 s to answer): its process is gone. Where the Idempotency-Key
// decides, it does no harm to be wrong about that.
const abandonedAfterMs: Readonly<Record<Environment, number>> = { live: 45_000, simulated: 2_000 };

/** One create that was, or is about to be, sent. It is on disk before the request leaves. */
export type CreateRecord = {
  readonly key: string;
  /** 1 for the first batch of this content, 2 for the second that somebody asked for, and so on. */
  readonly generation: number;
  /** `sent`: on its way, or its process died. `created`: `batchId` is known. `unknown`: nobody knows whether it exists. */
  readonly state: "sent" | "created" | "unknown";
  readonly batchId?: string;
  /** The time that the request names; a repeat under the same Idempotency-Key must name the same. */
  readonly scheduledAt?: Date;
  /** True when what it created has other content by now. */
  readonly isChanged: boolean;
  /** True when it was `unknown` once, so that a late duplicate may turn up. */
  readonly wasUnknown: boolean;
  /** When a request last left for it. */
  readonly sentAt: Date;
  readonly updatedAt: Date;
};

/** What a start has to know of the content that was sent, because no API tells it. */
export type ContentFacts = {
  /** SHA-256 of the sorted numbers, hex. */
  readonly numbersDigest: string;
  /** The most attempts that a recipient gets. */
  readonly attempts: number;
  /** How long after its start it may still ring somebody at most, in ms; absent in what an earlier version wrote. */
  readonly spanMs?: number;
  /** How long after its start its last retries are expected, in ms; absent as before. */
  readonly retriesForMs?: number;
  /** Fields that the API did not echo. */
  readonly unverified: readonly string[];
  /** As they were sent; absent in what an earlier version wrote. */
  readonly rules?: CallingRules;
  /** Absent where nobody said what the calls are for. */
  readonly consent?: Consent;
  /** True when list or rules were changed since: a create of the first content makes another batch. */
  readonly isChanged?: boolean;
  /** When its calls are placed; absent where that is all day, and in older records. */
  readonly hours?: BatchHours;
  /** Those before the first change of them, `null` where that was all day; absent where they are the first. */
  readonly hoursBefore?: BatchHours | null;
  /** The batch's zone where it was to go by its recipients' clocks; absent where it was not, and in older records. */
  readonly ownClocksIn?: string;
  /** Those before the first change of them since a start was agreed to; absent where they are the same. */
  readonly rulesBefore?: CallingRules;
  /** Whether another list was given since a start was agreed to. */
  readonly isOtherList?: boolean;
  /** Absent where there are none, and in older records. */
  readonly blankVariables?: readonly BlankVariable[];
  /** Absent in older records. */
  readonly preview?: PlanPreview;
};

/** What was created from which content, kept 30 days, shared by all processes of a data directory. */
export type CreationLog = {
  /** The newest generation of this content. */
  latest(key: string, now: Date): CreateRecord | undefined;
  /** Writes the intent down, or returns undefined when another call took this generation first. */
  begin(key: string, generation: number, scheduledAt: Date | undefined, now: Date): CreateRecord | undefined;
  /** Makes an intent that nobody looks after ours, or returns undefined when another call was first. */
  takeOver(intent: CreateRecord, now: Date): CreateRecord | undefined;
  /** Notes that a request for the intent leaves once more. */
  sentAgain(intent: CreateRecord, now: Date): void;
  created(intent: CreateRecord, batchId: string, facts: ContentFacts | undefined, now: Date): void;
  /** Replaces what is known of the content of a batch that was made here. */
  changeFacts(batchId: string, facts: ContentFacts): void;
  /** Undefined for a batch that was not made here, or was found again after its answer was lost. */
  factsOf(batchId: string): ContentFacts | undefined;
  /** Creates of the last 24 hours whose request may have made a draft that nobody knows of. */
  doubtful(now: Date): readonly CreateRecord[];
  unknown(intent: CreateRecord, now: Date): void;
  /** For a create that certainly did not happen. Does nothing when another call has taken it over. */
  forget(intent: CreateRecord): void;
};

export function createCreationLog(database: DatabaseSync): CreationLog {
  const latest = database.prepare(
    "SELECT * FROM intents WHERE key = ? AND created_at > ? ORDER BY generation DESC LIMIT 1",
  );
  const prune = database.prepare("DELETE FROM intents WHERE created_at <= ?");
  const insert = database.prepare(
    "INSERT INTO intents (key, generation, state, scheduled_at, created_at, sent_at, updated_at) VALUES (?, ?, 'sent', ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const takeOver = database.prepare(
    "UPDATE intents SET state = 'sent', was_unknown = 1, updated_at = ? WHERE key = ? AND generation = ? AND state = ? AND updated_at = ?",
  );
  const sentAgain = database.prepare("UPDATE intents SET sent_at = ?, updated_at = ? WHERE key = ? AND generation = ?");
  const created = database.prepare(
    "UPDATE intents SET state = 'created', batch_id = ?, facts = coalesce(?, facts), updated_at = ? WHERE key = ? AND generation = ?",
  );
  const facts = database.prepare("SELECT facts FROM intents WHERE batch_id = ? AND facts IS NOT NULL");
  const changeFacts = database.prepare("UPDATE intents SET facts = ? WHERE batch_id = ?");
  const doubtful = database.prepare(
    "SELECT * FROM intents WHERE created_at > ? AND (was_unknown = 1 OR (state = 'sent' AND updated_at <= ?))",
  );
  const unknown = database.prepare(
    "UPDATE intents SET state = 'unknown', was_unknown = 1, updated_at = ? WHERE key = ? AND generation = ?",
  );
  const forget = database.prepare("DELETE FROM intents WHERE key = ? AND generation = ? AND updated_at = ?");

  const read = (key: string, now: Date): CreateRecord | undefined => {
    const row = latest.get(key, now.getTime() - keptForMs);
    return row && toIntent(row);
  };

  return {
    latest: read,
    begin: (key, generation, scheduledAt, now) =>
      inTransaction(database, () => {
        prune.run(now.getTime() - keptForMs);
        const time = now.getTime();
        const { changes } = insert.run(key, generation, scheduledAt?.getTime() ?? null, time, time, time);
        return Number(changes) === 1 ? read(key, now) : undefined;
      }),
    takeOver: (intent, now) => {
      const { changes } = takeOver.run(
        now.getTime(),
        intent.key,
        intent.generation,
        intent.state,
        intent.updatedAt.getTime(),
      );
      return Number(changes) === 1 ? { ...intent, state: "sent", wasUnknown: true, updatedAt: now } : undefined;
    },
    sentAgain: (intent, now) => void sentAgain.run(now.getTime(), now.getTime(), intent.key, intent.generation),
    created(intent, batchId, known, now) {
      created.run(batchId, known ? JSON.stringify(known) : null, now.getTime(), intent.key, intent.generation);
    },
    changeFacts: (batchId, known) => void changeFacts.run(JSON.stringify(known), batchId),
    factsOf(batchId) {
      const text = facts.get(batchId)?.["facts"];
      return typeof text === "string" ? readFacts(text) : undefined;
    },
    doubtful: (now) => doubtful.all(now.getTime() - dayMs, now.getTime() - abandonedAfterMs.live).map(toIntent),
    unknown: (intent, now) => void unknown.run(now.getTime(), intent.key, intent.generation),
    forget: (intent) => void forget.run(intent.key, intent.generation, intent.updatedAt.getTime()),
  };
}

type Row = Record<string, unknown>;

function toIntent(row: Row): CreateRecord {
  return {
    key: String(row["key"]),
    generation: Number(row["generation"]),
    state: toState(row["state"]),
    isChanged: typeof row["facts"] === "string" && readFacts(row["facts"]).isChanged === true,
    wasUnknown: row["was_unknown"] === 1,
    sentAt: new Date(Number(row["sent_at"])),
    updatedAt: new Date(Number(row["updated_at"])),
    ...(row["batch_id"] !== null && { batchId: String(row["batch_id"]) }),
    ...(row["scheduled_at"] !== null && { scheduledAt: new Date(Number(row["scheduled_at"])) }),
  };
}

/** Safe: this column holds nothing but the JSON of `ContentFacts`, and a ledger of another schema is never opened. */
function readFacts(text: string): ContentFacts {
  return JSON.parse(text);
}

function toState(state: unknown): CreateRecord["state"] {
  return state === "created" || state === "sent" ? state : "unknown";
}

const longestName = 255;

/** Sent with a create; the same for every repeat of it, another for each further batch that was asked for. */
export function idempotencyKey({ key, generation }: Pick<CreateRecord, "key" | "generation">): string {
  return generation === 1 ? key : `${key}.${generation}`;
}

/** The mark by which a draft is found again at an API that knows no Idempotency-Key: `bc-` and 12 hex digits. */
export function markerOf(intent: Pick<CreateRecord, "key" | "generation">): string {
  return `bc-${createHash("sha256").update(idempotencyKey(intent)).digest("hex").slice(0, 12)}`;
}

/** The name with the marker behind it, shortened to what the API takes. */
export function markedName(name: string, marker: string): string {
  const suffix = ` [${marker}]`;
  return name.slice(0, longestName - suffix.length) + suffix;
}

// A request that was cut off can still arrive; after this it is taken for lost.
const lateForMs = 120_000;

type Asked = { readonly allowDuplicate: boolean; readonly environment: Environment };

/** What a create does next, judged from what the ledger knows of the same content. */
export type Step =
  | { readonly kind: "send"; readonly generation: number }
  /** Another call is creating it at this moment, or did when its process ended; from then on it is looked for. */
  | { readonly kind: "wait"; readonly until: Date }
  | { readonly kind: "reconcile"; readonly intent: CreateRecord }
  | { readonly kind: "replay"; readonly intent: CreateRecord };

/** What follows for a create of content of which `known` is the latest record. */
export function nextStep(known: CreateRecord | undefined, asked: Asked, now: Date): Step {
  if (!known) return { kind: "send", generation: 1 };
  switch (known.state) {
    case "unknown":
      return { kind: "reconcile", intent: known };
    case "sent":
      return isAbandoned(known, asked.environment, now)
        ? { kind: "reconcile", intent: known }
        : { kind: "wait", until: abandonedAt(known, asked.environment) };
    case "created":
      return asked.allowDuplicate || known.isChanged
        ? { kind: "send", generation: known.generation + 1 }
        : { kind: "replay", intent: known };
  }
}

/** True while a request whose answer is missing may still be on its way. */
export function mayStillSucceed(intent: CreateRecord, now: Date): boolean {
  return now.getTime() - intent.sentAt.getTime() < lateForMs;
}

function isAbandoned(intent: CreateRecord, environment: Environment, now: Date): boolean {
  return now >= abandonedAt(intent, environment);
}

function abandonedAt({ updatedAt }: CreateRecord, environment: Environment): Date {
  return new Date(updatedAt.getTime() + abandonedAfterMs[environment]);
}
