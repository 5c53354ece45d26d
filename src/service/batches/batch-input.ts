import { randomBytes } from "node:crypto";
import type { NewBatch, NewBatchTask } from "../../contract/batch/create-batch.ts";
import type { BatchStart } from "../../contract/batch/start.ts";
import type { Issue } from "../../domain/problem.ts";
import type { CarrierAccount } from "../accounts/index.ts";
import type { NewTask, StoredBatch } from "../store/index.ts";
import { invalid } from "./refusal.ts";

/** What a body says of a batch, as it is stored. */
export type BatchContent = Pick<
  StoredBatch,
  | "name"
  | "fromNumber"
  | "agentId"
  | "timezone"
  | "rules"
  | "duplicatesRemoved"
  | "status"
  | "scheduledAt"
  | "startedAt"
>;

export function toContent(wanted: NewBatch, duplicatesRemoved: number, now: Date): BatchContent {
  const { name, fromNumber, agentId, timezone, rules } = wanted;
  return { name, fromNumber, agentId, timezone, rules, duplicatesRemoved, ...toStatus(wanted.start, now) };
}

function toStatus(start: BatchStart, now: Date): Pick<BatchContent, "status" | "scheduledAt" | "startedAt"> {
  switch (start.kind) {
    case "draft":
      return start.at ? { status: "draft", scheduledAt: start.at } : { status: "draft" };
    case "scheduled":
      return { status: "scheduled", scheduledAt: start.at };
    case "now":
      return { status: "sent", startedAt: now };
  }
}

/** Keeps the first task of each number: a person who stands in a list twice is called once. */
export function uniqueTasks(tasks: readonly NewBatchTask[]): readonly NewTask[] {
  const byNumber = new Map<string, NewTask>();
  for (const [index, task] of tasks.entries()) {
    if (!byNumber.has(task.toNumber)) byNumber.set(task.toNumber, { ...task, row: index + 1 });
  }
  return [...byNumber.values()];
}

/** Refuses an agent or a caller id that the account does not have. */
export function checkAccount(
  account: CarrierAccount,
  { agentId, fromNumber }: { agentId?: string; fromNumber?: string },
): void {
  const issues: Issue[] = [];
  if (agentId !== undefined && !account.agents.some((agent) => agent.agentId === agentId)) {
    issues.push({
      field: "agent_id",
      code: "unknown_agent",
      message: `Agent with ID '${agentId}' does not exist; GET /api/agents lists the agents.`,
    });
  }
  if (fromNumber !== undefined && !account.phoneNumbers.some(({ phoneNumber }) => phoneNumber === fromNumber)) {
    issues.push({
      field: "from_number",
      code: "unknown_caller_id",
      message: "Is not a number of this organization; GET /api/phone-numbers lists them.",
    });
  }
  if (issues.length > 0) throw invalid(...issues);
}

export function newBatchId(): string {
  return `batch_call_${randomBytes(16).toString("hex")}`;
}
