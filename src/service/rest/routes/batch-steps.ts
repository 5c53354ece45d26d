import type { z } from "zod";
import { batchAnswer, enveloped, executionAnswer } from "../../../contract/answers.ts";
import { toExecutionBody } from "../../../contract/batch/batch.ts";
import {
  executeBody,
  fromExecuteBody,
  fromResumeBody,
  pauseBody,
  resumeBody,
  stopAnswer,
  stopBody,
} from "../../../contract/batch/grant.ts";
import { parseWith, toWireTime } from "../../../contract/fields.ts";
import { routes } from "../../../contract/routes.ts";
import { cancelBatch, executeBatch, pauseBatch, resumeBatch, setStop, showBatch } from "../../batches/index.ts";
import { everybody } from "../../store/index.ts";
import { accept, success } from "../exchange.ts";
import { endpoint, type RestEndpoint, type ServiceParts } from "../rest-endpoint.ts";

const tag = "Batch calls";

const stopTag = "Stop of all calls";

export const batchStepEndpoints: readonly RestEndpoint[] = [
  endpoint({
    route: routes.getStop,
    operationId: "getStop",
    tag: stopTag,
    summary: "Tell whether all calls of the organization are stopped",
    answer: enveloped(stopAnswer),
    run: async ({ organizationId }, parts) =>
      success("Stop retrieved successfully", await readStop(organizationId, parts)),
  }),
  endpoint({
    route: routes.setStop,
    operationId: "setStop",
    tag: stopTag,
    summary: "Stop all calls of the organization, or let them be started again",
    description:
      "Once the answer is out, no dial starts. Every scheduled or running batch call is held, and the agreement to its calls is over: after the release each has to be resumed by itself.",
    body: { schema: stopBody, isRequired: true },
    answer: enveloped(stopAnswer),
    refusals: [400, 413],
    async run({ organizationId, body }, parts) {
      const held = await setStop(parts, organizationId, accept(parseWith(stopBody, body)).stopped);
      return success("Stop updated successfully", await readStop(organizationId, parts, held));
    },
  }),
  endpoint({
    route: routes.executeBatch,
    operationId: "executeBatchCall",
    tag,
    summary: "Start a draft or scheduled batch call now",
    description:
      "Calls are placed after the answer. A batch that is held or paused before its start is started all the same. With `grant`, an extension, it starts only if it is exactly what somebody agreed to (409 otherwise); without it, whoever holds the keys agrees to what is stored.",
    body: { schema: executeBody, isRequired: false },
    answer: enveloped(executionAnswer),
    refusals: [400, 404, 409, 413],
    async run({ organizationId, id, body }, parts) {
      const grant = accept(fromExecuteBody(body));
      const { startedAt = parts.clock.now() } = await executeBatch(parts, organizationId, id, grant);
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
    body: { schema: pauseBody, isRequired: false },
    answer: enveloped(batchAnswer),
    refusals: [400, 404, 413],
    async run({ organizationId, id, body, origin }, parts) {
      const { resumable } = accept(parseWith(pauseBody, body ?? {}));
      const batch = await pauseBatch(parts, organizationId, id, resumable ?? false);
      return success("Batch call paused successfully", await showBatch(parts, batch, { origin }));
    },
  }),
  endpoint({
    route: routes.resumeBatch,
    operationId: "resumeBatchCall",
    tag,
    summary: "Let a paused or held batch call go on",
    description:
      "A scheduled batch whose time has passed starts now. `redial_unknown: true` also calls recipients again of whom it is not known whether they were called, and reopens a batch that ended with such recipients. `grant_id` goes on under the agreement before the pause, `grant` under a new one; without either, whoever holds the keys agrees to what is stored.",
    body: { schema: resumeBody, isRequired: false },
    answer: enveloped(batchAnswer),
    refusals: [400, 404, 409, 413],
    async run({ organizationId, id, body, origin }, parts) {
      const batch = await resumeBatch(parts, organizationId, id, accept(fromResumeBody(body)));
      return success("Batch call resumed successfully", await showBatch(parts, batch, { origin }));
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
    async run({ organizationId, id, origin }, parts) {
      const batch = await cancelBatch(parts, organizationId, id);
      return success("Batch call cancelled successfully", await showBatch(parts, batch, { origin }));
    },
  }),
];

async function readStop(
  organizationId: string,
  { store }: ServiceParts,
  held = 0,
): Promise<z.infer<typeof stopAnswer>> {
  const [since, everybodySince] = await Promise.all([
    store.stoppedSince(organizationId),
    store.stoppedSince(everybody),
  ]);
  const shown = { stopped: since !== undefined, since: since ? toWireTime(since) : null };
  return { ...shown, everybody: everybodySince !== undefined, held };
}
