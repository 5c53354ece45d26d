import type { AttemptRecord, BatchRecord, CallRecord, TaskRecord } from "../../contract/records.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";

/** A batch as it is kept. Counts are never kept: they are counted from its tasks. */
export type StoredBatch = BatchRecord & {
  readonly startedAt?: Date;
  readonly rules: CallingRules;
  readonly updatedAt: Date;
  /** Of the recipients, their variables and their own retries. */
  readonly listDigest: string;
  /** The last agreement to its calls, in whatever state. */
  readonly grantId?: string;
  /** From which instant on that agreement covers no ring; known in a claim. */
  readonly agreedUntil?: Date;
};

/** A batch before the store has looked at its list. */
export type UnstoredBatch = Omit<
  StoredBatch,
  "listDigest" | "maxAttempts" | "contentDigest" | "grantId" | "stateVersion"
>;

export type NewTask = Pick<TaskRecord, "row" | "toNumber" | "timezone" | "notBefore"> & {
  readonly variables: Readonly<Record<string, unknown>>;
  /** Attempts after the first one; the batch's rules decide where it is absent. */
  readonly maxRetries?: number;
  /** Called when the first number was not reached. */
  readonly fallbackNumber?: string;
};

export type StoredTask = TaskRecord &
  NewTask & {
    readonly batchId: string;
    /** Earliest instant of the next attempt; quiet hours can hold it longer. */
    readonly dueAt?: Date;
    /** How many attempts had gone to the first number when the fallback number's turn came; absent until then. */
    readonly fallbackAfter?: number;
  };

/** The number that the next attempt goes to. */
export function dialedNumber({
  toNumber,
  fallbackNumber,
  fallbackAfter,
}: Pick<StoredTask, "toNumber" | "fallbackNumber" | "fallbackAfter">): string {
  if (fallbackAfter === undefined) return toNumber;
  if (fallbackNumber === undefined) throw new Error("The turn is that of a fallback number, and there is none.");
  return fallbackNumber;
}

/** A task as its next attempt goes: whom it calls, and whether that is their second number. */
export function asDialed<T extends Pick<StoredTask, "toNumber" | "fallbackNumber" | "fallbackAfter">>(task: T) {
  return { ...task, toNumber: dialedNumber(task), isSecond: task.fallbackAfter !== undefined };
}

/**
 * `claimed`: intended, the row is committed, nothing was sent. `starting`: passed the last check, being handed to the
 * carrier. `placed`: the carrier took it. `ended`: has an outcome.
 */
export type AttemptState = "claimed" | "starting" | "placed" | "ended";

export type StoredAttempt = CallRecord &
  AttemptRecord & {
    /** `<task id>:<attempt number>`: unique for good, the carrier's key. */
    readonly token: string;
    readonly taskId: string;
    readonly state: AttemptState;
    readonly ringMs?: number;
    /** Under which it was claimed; absent in what an earlier version claimed. */
    readonly grantId?: string;
  };

/** The older one first. */
export function compareAge(a: Pick<StoredBatch, "createdAt" | "id">, b: Pick<StoredBatch, "createdAt" | "id">): number {
  return a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : Number(a.id > b.id));
}
