import { batchAnswer, enveloped, executionAnswer } from "../../../contract/answers.ts";
import { toExecutionBody } from "../../../contract/batch/batch.ts";
import { redialsUnknown, resumeBody } from "../../../contract/batch/tasks.ts";
import { routes } from "../../../contract/routes.ts";
import { cancelBatch, executeBatch, pauseBatch, resumeBatch, showBatch } from "../../batches/index.ts";
import { accept, success } from "../exchange.ts";
import { endpoint, type RestEndpoint } from "../rest-endpoint.ts";

const tag = "Batch calls";

export const batchStepEndpoints: readonly RestEndpoint[] = [
  endpoint({
    route: routes.executeBatch,
    operationId: "executeBatchCall",
    tag,
    summary: "Start a draft or scheduled batch call now",
    description:
      "Calls are placed after the answer. A batch that is held or paused before its start is started all the same.",
    answer: enveloped(executionAnswer),
    refusals: [400, 404],
    async run({ organizationId, id }, parts) {
      const { startedAt = parts.clock.now() } = await executeBatch(parts, organizationId, id);
      return success("Batch call execution started", toExecutionBody(id, startedAt));
    },
  }),
  endpoint({
    route: routes.pauseBatch,
    operationId: "pauseBatchCall",
    tag,
    summary: "Pause a scheduled or running batch call",
    description:
      "Once the answer is out, no dial starts. Calls in progress go on. Pausing a paused batch changes nothing.",
    answer: enveloped(batchAnswer),
    refusals: [400, 404],
    async run({ organizationId, id }, parts) {
      const batch = await pauseBatch(parts, organizationId, id);
      return success("Batch call paused successfully", await showBatch(parts, batch));
    },
  }),
  endpoint({
    route: routes.resumeBatch,
    operationId: "resumeBatchCall",
    tag,
    summary: "Let a paused or held batch call go on",
    description:
      "A scheduled batch whose time has passed starts now. `redial_unknown: true` also calls recipients again of whom it is not known whether they were called, and reopens a batch that ended with such recipients.",
    body: { schema: resumeBody, isRequired: false },
    answer: enveloped(batchAnswer),
    refusals: [400, 404, 413],
    async run({ organizationId, id, body }, parts) {
      const batch = await resumeBatch(parts, organizationId, id, accept(redialsUnknown(body)));
      return success("Batch call resumed successfully", await showBatch(parts, batch));
    },
  }),
  endpoint({
    route: routes.cancelBatch,
    operationId: "cancelBatchCall",
    tag,
    summary: "End a batch call for good",
    description: "Recipients who wait are cancelled; calls in progress go on to their end and keep their result.",
    answer: enveloped(batchAnswer),
    refusals: [400, 404],
    async run({ organizationId, id }, parts) {
      const batch = await cancelBatch(parts, organizationId, id);
      return success("Batch call cancelled successfully", await showBatch(parts, batch));
    },
  }),
];
