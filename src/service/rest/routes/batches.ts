import { z } from "zod";
import { batchAnswer, batchListAnswer, enveloped } from "../../../contract/answers.ts";
import { createBatchBody, fromCreateBatchBody } from "../../../contract/batch/create-batch.ts";
import { editBatchBody, fromEditBatchBody } from "../../../contract/batch/edit.ts";
import {
  type BatchListRequest,
  filterBatchesBody,
  fromFilterBody,
  fromListQuery,
  listBatchesQuery,
  toBatchListBody,
} from "../../../contract/batch/list.ts";
import { routes } from "../../../contract/routes.ts";
import { deleteBatch, editBatch, findBatch, replaceBatch, showBatch, showBatches } from "../../batches/index.ts";
import { accept, success } from "../exchange.ts";
import { endpoint, type RestEndpoint, type RestRequest, type ServiceParts } from "../rest-endpoint.ts";

const tag = "Batch calls";

export const batchEndpoints: readonly RestEndpoint[] = [
  endpoint({
    route: routes.listBatches,
    operationId: "listBatchCalls",
    tag,
    summary: "List batch calls",
    description: "Without `limit` (or `size`) all of them come.",
    query: listBatchesQuery,
    answer: enveloped(batchListAnswer),
    refusals: [400],
    async run(request, parts) {
      const data = await listPage(request, parts, accept(fromListQuery(request.query)));
      return success("Batch calls retrieved successfully with real-time metrics", data);
    },
  }),
  endpoint({
    route: routes.filterBatches,
    operationId: "filterBatchCalls",
    tag,
    summary: "List batch calls that meet criteria",
    description: "Paging may stand in `pagination`, as documented, or at the top level.",
    body: { schema: filterBatchesBody, isRequired: false },
    answer: enveloped(batchListAnswer),
    refusals: [400, 413],
    async run(request, parts) {
      const data = await listPage(request, parts, accept(fromFilterBody(request.body ?? {})));
      return success("Batch calls retrieved successfully with filters", data);
    },
  }),
  endpoint({
    route: routes.getBatch,
    operationId: "getBatchCall",
    tag,
    summary: "Get a batch call with its counters",
    answer: enveloped(batchAnswer),
    refusals: [404],
    async run({ organizationId, id, origin }, parts) {
      const batch = await findBatch(parts, organizationId, id);
      return success("Batch call retrieved successfully", await showBatch(parts, batch, { origin }));
    },
  }),
  endpoint({
    route: routes.replaceBatch,
    operationId: "replaceBatchCall",
    tag,
    summary: "Replace a draft or scheduled batch call, its tasks included",
    description: "Takes the body of POST /batch-call and reads it the same way.",
    body: { schema: createBatchBody, isRequired: true },
    answer: enveloped(batchAnswer),
    refusals: [400, 404, 409, 413],
    async run({ organizationId, id, body, origin }, parts) {
      const wanted = accept(fromCreateBatchBody(body, parts.clock.now()));
      const batch = await replaceBatch(parts, organizationId, id, wanted);
      return success("Batch call updated successfully", await showBatch(parts, batch, { origin }));
    },
  }),
  endpoint({
    route: routes.editBatch,
    operationId: "editBatchCall",
    tag,
    summary: "Change some fields of a batch call",
    description:
      'Name and rules can change until the batch ends; agent, time, zone and status only while it is a draft or scheduled. `retry_config`, `retry_rules` and `quiet_hours` are extensions here: each replaces its block, `{"enabled": false}` or an empty list takes it out. `status: "sent"` or `send_now: true` starts it at once. Back to draft keeps its time. A change of anything but the name puts a batch back to draft whose calls a person had agreed to, or holds it where it runs. `grant`, an extension, comes with a start and fixes it to what somebody agreed to (409 otherwise).',
    body: { schema: editBatchBody, isRequired: true },
    answer: enveloped(batchAnswer),
    refusals: [400, 404, 409, 413],
    async run({ organizationId, id, body, origin }, parts) {
      const patch = accept(fromEditBatchBody(body, parts.clock.now()));
      const batch = await editBatch(parts, organizationId, id, patch);
      return success("Batch call updated successfully", await showBatch(parts, batch, { origin }));
    },
  }),
  endpoint({
    route: routes.deleteBatch,
    operationId: "deleteBatchCall",
    tag,
    summary: "Delete a batch call that is a draft or completed",
    description: "Every other status is refused, `failed` and `cancelled` included.",
    answer: enveloped(z.null()),
    refusals: [400, 404],
    async run({ organizationId, id }, parts) {
      await deleteBatch(parts, organizationId, id);
      return success("Batch call deleted successfully", null);
    },
  }),
];

async function listPage({ organizationId, origin }: RestRequest, parts: ServiceParts, wanted: BatchListRequest) {
  const { filter, sort, page } = wanted;
  const { rows, ...found } = await parts.store.listBatches(organizationId, filter, sort, page);
  return toBatchListBody(organizationId, { rows: await showBatches(parts, rows, { origin }), ...found }, wanted);
}
