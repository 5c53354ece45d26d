import { changedListAnswer, enveloped } from "../../../contract/answers.ts";
import {
  fromRemoveTasksBody,
  fromTasksBody,
  removeTasksBody,
  tasksBody,
  toListChangeBody,
} from "../../../contract/batch/change-list.ts";
import { routes } from "../../../contract/routes.ts";
import { changeList, showBatch } from "../../batches/index.ts";
import { accept, success } from "../exchange.ts";
import { endpoint, type RestEndpoint, type RestRequest, type ServiceParts } from "../rest-endpoint.ts";

const tag = "Batch calls";
const agreement =
  "Where a person had agreed to the calls of the batch and somebody is added or is to hear something else, a scheduled batch is a draft again and a running one is held, until somebody agrees to it as it is.";

const common = { tag, answer: enveloped(changedListAnswer), refusals: [400, 404, 409, 413] as const };

/** Extensions: the list of a batch that exists. */
export const changeListEndpoints: readonly RestEndpoint[] = [
  endpoint({
    ...common,
    route: routes.appendTasks,
    operationId: "appendBatchCallTasks",
    summary: "Add tasks to a batch call until it ends",
    description: `Numbers that are on the list already are counted as unchanged and left as they are; those that were taken out come back. At most 1,000 in all. ${agreement}`,
    body: { schema: tasksBody, isRequired: true },
    run: (request, parts) => run(request, parts, { kind: "append", ...accept(fromTasksBody(request.body)) }),
  }),
  endpoint({
    ...common,
    route: routes.replaceTasks,
    operationId: "replaceBatchCallTasks",
    summary: "Make the list of a batch call this one",
    description: `Adds who is new, changes who waits and is to hear something else, and takes out who waits and is not in it; the same list again changes nothing. A call that is under way or over stays; one under way is the last to who is not in the list. ${agreement}`,
    body: { schema: tasksBody, isRequired: true },
    run: (request, parts) => run(request, parts, { kind: "replace", ...accept(fromTasksBody(request.body)) }),
  }),
  endpoint({
    ...common,
    route: routes.removeTasks,
    operationId: "removeBatchCallTasks",
    summary: "Take tasks out of a batch call until it ends",
    description:
      "Who waits is not called any more: deleted in a draft, else cancelled with reason `removed`. Those whose call is under way or over are told in `not_removed`: a call under way ends, keeps its outcome, and is the last one to them. The agreement to the calls goes on for the others.",
    body: { schema: removeTasksBody, isRequired: true },
    run: (request, parts) => run(request, parts, { kind: "remove", ...accept(fromRemoveTasksBody(request.body)) }),
  }),
];

async function run(
  { organizationId, id, origin }: RestRequest,
  parts: ServiceParts,
  wanted: Parameters<typeof changeList>[3],
) {
  const { batch, report } = await changeList(parts, organizationId, id, wanted);
  const shown = await showBatch(parts, batch, { origin });
  return success("Batch call tasks updated successfully", { batch: shown, list_change: toListChangeBody(report) });
}
