import { enveloped, taskListAnswer } from "../../../contract/answers.ts";
import {
  fromTasksQuery,
  listTasksQuery,
  type TaskBody,
  toTaskBody,
  toTaskListBody,
} from "../../../contract/batch/tasks.ts";
import { routes } from "../../../contract/routes.ts";
import { findBatch, nextAttemptOfTask } from "../../batches/index.ts";
import type { StoredAttempt, StoredBatch, StoredTask } from "../../store/index.ts";
import { accept, success } from "../exchange.ts";
import { endpoint, type ServiceParts } from "../rest-endpoint.ts";

export const listTasksEndpoint = endpoint({
  route: routes.listTasks,
  operationId: "listBatchCallTasks",
  tag: "Batch calls",
  summary: "List the tasks of a batch call with their state",
  description:
    "50 a page unless a limit is given. The filters `status` and `outcome`, and pages by `cursor`, are extensions.",
  query: listTasksQuery,
  answer: enveloped(taskListAnswer),
  refusals: [400, 404],
  async run({ organizationId, id, query }, parts) {
    const { page, filter } = accept(fromTasksQuery(query));
    const batch = await findBatch(parts, organizationId, id);
    const { rows, ...found } = await parts.store.listTasks(organizationId, id, filter, page);
    const tasks = await showTasks(parts, batch, rows);
    return success("Batch call tasks retrieved successfully", toTaskListBody({ rows: tasks, ...found }, page));
  },
});

async function showTasks(
  { store, clock, dialing, operatorWaitOf }: ServiceParts,
  batch: StoredBatch,
  tasks: readonly StoredTask[],
): Promise<readonly TaskBody[]> {
  const view = { now: clock.now(), operatorWaitOf, rest: dialing.carrierRest() ?? dialing.lineWaitOf(batch.id) };
  const attempts = new Map<string, StoredAttempt[]>(tasks.map(({ id }) => [id, []]));
  for (const attempt of await store.listAttempts(batch.organizationId, [...attempts.keys()]))
    attempts.get(attempt.taskId)?.push(attempt);
  return tasks.map((task) =>
    toTaskBody({ ...task, ...nextAttemptOfTask(task, batch, view) }, attempts.get(task.id) ?? []),
  );
}
