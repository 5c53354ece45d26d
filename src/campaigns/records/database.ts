import { Problem } from "../../domain/problem.ts";
import { type DatabaseSync, openPrivateDatabase } from "../../lib/sqlite.ts";
import { approvalSchema } from "./approval-schema.ts";
import { callSchema } from "./call-schema.ts";
import { cancelledSchema } from "./cancelled-schema.ts";
import { consentSchema } from "./consent-schema.ts";
import { doNotCallSchema } from "./do-not-call-schema.ts";
import { grantedStartSchema } from "./granted-start-schema.ts";
import { groupListSchema, groupSchema, groupStartSchema, groupStepSchema } from "./group-schema.ts";
import { listTodaysForms } from "./older-do-not-call.ts";
import { startSchema } from "./start-schema.ts";

/** Released steps never change. Instants are ms since 1970 UTC. */
export const campaignSchemaSteps: readonly string[] = [
  `
  CREATE TABLE intents (
    key TEXT NOT NULL,
    generation INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sent', 'created', 'unknown')),
    batch_id TEXT,
    scheduled_at INTEGER,
    was_unknown INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (key, generation)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX intents_by_age ON intents (created_at);

  CREATE TABLE do_not_call (
    account TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    reason TEXT,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (account, phone_number)
  ) STRICT, WITHOUT ROWID;
  `,
  approvalSchema,
  startSchema,
  grantedStartSchema,
  doNotCallSchema,
  groupSchema,
  groupStartSchema,
  groupStepSchema,
  consentSchema,
  callSchema,
  groupListSchema,
  cancelledSchema,
];

/**
 * Opens the file in which creates, approvals, starts, the audit and the do-not-call list are kept, making it when it is not there:
 * for its owner only. Throws `unavailable` for one that a newer version wrote.
 */
export function openCampaignDatabase(path: string): DatabaseSync {
  const database = openPrivateDatabase(path, campaignSchemaSteps, newerDatabase);
  try {
    listTodaysForms(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function newerDatabase(found: number, known: number): Error {
  return new Problem(
    "unavailable",
    `The launch ledger was written by a newer version of batch-call-mcp (schema ${found}; this copy knows ${known}). Nothing was changed. Update this copy.`,
  );
}
