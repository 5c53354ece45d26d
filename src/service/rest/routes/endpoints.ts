import type { RestEndpoint } from "../rest-endpoint.ts";
import { accountEndpoints } from "./account.ts";
import { batchStepEndpoints } from "./batch-steps.ts";
import { batchEndpoints } from "./batches.ts";
import { callEndpoints } from "./calls.ts";
import { changeListEndpoints } from "./change-list.ts";
import { createBatchEndpoint } from "./create-batch.ts";
import { doNotCallEndpoints } from "./do-not-call.ts";
import { listTasksEndpoint } from "./tasks.ts";

/** Every route that needs keys. A fixed path stands before the pattern that it also fits (`/batch-call/list`). */
export const endpoints: readonly RestEndpoint[] = [
  createBatchEndpoint,
  ...batchEndpoints,
  ...batchStepEndpoints,
  listTasksEndpoint,
  ...changeListEndpoints,
  ...callEndpoints,
  ...accountEndpoints,
  ...doNotCallEndpoints,
];
