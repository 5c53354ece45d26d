import { z } from "zod";
import { type Batch, type TaskStatus, taskStatuses } from "../domain/batch/batch.ts";
import type { CallReading } from "./call.ts";
import { anyCase, maybeText, present } from "./fields.ts";

// What our service and the hosted API say to each other where our queue stands in front of it: documented fields alone.

/** A small batch of the hosted API: calls that our engine has cleared. */
export type Wave = {
  /** Ends with the reference by which it is found again. */
  readonly name: string;
  readonly fromNumber: string;
  readonly agentId: string;
  /** IANA zone. */
  readonly timezone: string;
  readonly calls: readonly { readonly toNumber: string; readonly variables: Readonly<Record<string, unknown>> }[];
};

export type WaveTask = {
  readonly taskId: string;
  readonly toNumber: string;
  readonly status: TaskStatus;
  readonly callId?: string;
  readonly error?: string;
  /** Absent where the API does not show them, as its pages do not. */
  readonly variables?: Readonly<Record<string, unknown>>;
};

/** What the carrier `hosted` needs of the hosted API. Every method throws a `Problem`; see `BatchCallApi` for the codes. */
export type HostedApi = {
  /** Returns the id of the draft. Nothing in its body can make a phone ring. */
  createDraft(wave: Wave): Promise<string>;
  /** The id of the batch whose name ends so, of those that were made since; undefined when none is shown. */
  findWave(reference: string, since: Date): Promise<string | undefined>;
  /**
   * Whether the list shows the batch whose name ends with `beside`, and no batch whose name ends with the reference among all that were made
   * since; false when the list was not read to its end.
   */
  isMissing(reference: string, made: { readonly beside: string; readonly since: Date }): Promise<boolean>;
  getBatch(batchId: string): Promise<Batch>;
  listTasks(batchId: string): Promise<readonly WaveTask[]>;
  /** The one request that makes phones ring. Never repeated. */
  execute(batchId: string): Promise<void>;
  deleteBatch(batchId: string): Promise<void>;
  getCall(callId: string): Promise<CallReading>;
  /** The caller ids of the account, all of them. */
  phoneNumbers(): Promise<readonly { readonly phoneNumber: string }[]>;
  close(): Promise<void>;
};

/**
 * The body that creates a draft (C12). The retries are ours, so those of the API are off: a call that it repeated by itself would
 * be one that nobody counted.
 */
export function toWaveBody({ name, fromNumber, agentId, timezone, calls }: Wave) {
  return {
    name,
    from_number: fromNumber,
    agent_id: agentId,
    timezone,
    status: "draft",
    send_now: false,
    retry_config: { enabled: false, max_attempts: 1 },
    tasks: calls.map(({ toNumber, variables }) => ({ to_number: toNumber, dynamic_variables: variables })),
  } as const;
}

const taskReading = z.object({
  task_id: z.string().min(1),
  to_number: z.string(),
  status: anyCase(taskStatuses),
  call_id: maybeText,
  error_message: maybeText,
  dynamic_variables: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

/** Reads a row of GET /batch-call/{id}/tasks; undefined when it is not one. */
export function fromWaveTaskBody(body: unknown): WaveTask | undefined {
  const read = taskReading.safeParse(body);
  if (!read.success) return undefined;
  const { task_id: taskId, to_number: toNumber, status, call_id, error_message, dynamic_variables } = read.data;
  return {
    taskId,
    toNumber,
    status,
    ...present({ callId: call_id, error: error_message, variables: dynamic_variables }),
  };
}
