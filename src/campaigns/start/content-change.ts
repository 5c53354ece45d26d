import type { BatchCallApi } from "../../client/api.ts";
import type { RulesPatch } from "../../contract/batch/calling-rules.ts";
import type { Batch, Environment, Task } from "../../domain/batch/batch.ts";
import type { ListChangeReport } from "../../domain/batch/list-change.ts";
import type { BlankVariable, LeftOut, Recipient, UnreadZones } from "../../domain/batch/plan.ts";
import type { StartPolicy } from "../../domain/start-policy.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ContentFacts, CreationLog } from "../create/index.ts";

export type ContentChangeParts = {
  readonly api: BatchCallApi;
  readonly creations: CreationLog;
  readonly clock: Clock;
  readonly policy: StartPolicy;
};

/** Another list, other rules, or both. What is absent stays as it is. */
export type ContentChange = {
  readonly recipients?: readonly Recipient[];
  readonly blankVariables?: readonly BlankVariable[];
  readonly leftOut?: readonly LeftOut[];
  readonly unreadZones?: UnreadZones;
  readonly rules?: RulesPatch;
  /** The campaign that canary and end of the rules are counted over. */
  readonly campaignId?: string;
};

export type ContentChanged = {
  readonly batch: Batch;
  /** Absent where the list was not to be changed. */
  readonly report?: ListChangeReport;
  /** Fields that the API did not echo. */
  readonly unverified: readonly string[];
};

/** A batch as it is before a change of its content, and what is known of it. */
export type BatchBefore = {
  readonly batch: Batch;
  readonly tasks: readonly Task[];
  readonly facts?: ContentFacts;
  readonly environment: Environment;
};
