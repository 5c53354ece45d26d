import { createHash } from "node:crypto";
import { z } from "zod";
import { batchAnswer, enveloped } from "../../../contract/answers.ts";
import { createBatchBody, readCreateBatchBody } from "../../../contract/batch/create-batch.ts";
import { toSuccessBody } from "../../../contract/envelope.ts";
import { headers, routes } from "../../../contract/routes.ts";
import { type Created, createBatch, findReplay, invalid, showBatch } from "../../batches/index.ts";
import { accept } from "../exchange.ts";
import { endpoint, type RestRequest, type ServiceParts } from "../rest-endpoint.ts";

const longestKey = 255;

export const createBatchEndpoint = endpoint({
  route: routes.createBatch,
  operationId: "createBatchCall",
  tag: "Batch calls",
  summary: "Create a batch call: a draft, scheduled, or started at once",
  description: [
    '`status: "draft"` starts nothing and wins over the other fields. `send_now: true` starts at once and wins over `trigger_timestamp`. A body with neither of the two and without `draft` is refused: nobody is called because something was left out. So is `status` of `scheduled` or `sent` alone. A draft needs no more than `from_number` and `tasks`, and its `trigger_timestamp` may have passed; a body without `agent_id` that says nothing of a start is such a draft. It gets its agent by PATCH before it starts.',
    "`trigger_timestamp` is an absolute instant, in milliseconds (a number below 1e11 is read as seconds); `timezone` is for retry times and quiet hours.",
    "A number that stands in the list twice is called once; `duplicates_removed` says how many were left out. Numbers on the do-not-call list are kept as tasks in status `cancelled`.",
    "`retry_config.max_attempts` counts the first attempt. Without `retry_config.enabled` there is one attempt, except that a task's `max_retries: n` allows n more; where both are given, the smaller number applies. With retries on, an outcome without an enabled rule is final if any rule was given, else recipients who were not reached are called again after 60 minutes.",
    "`retry_timing` of type `AT` is the next such wall time in the batch's zone, strictly later. Quiet hours are half-open `[start_time, end_time)`, may cross midnight, hold back first attempts and retries alike, in `quiet_hours.timezone`, else in the batch's zone. `days` and `not_on`, extensions, are whole weekdays and dates on that clock on which nobody is called; an `AT` retry that falls on one is made at that time of the next day that is called. With them both times may be absent.",
    "`fallback_number` of a task, an extension, is called when the last attempt to `to_number` ended unreached (no answer, busy, failed; not after a voicemail), with as many attempts by the same rules. It must be nobody else's number in the list; on the do-not-call list it is not called, and nobody is called on it whose `to_number` is there.",
    'A field that is not listed here is refused by its name, with the one that was probably meant. `{"enabled": false}` is enough for `retry_config`, `quiet_hours` and a rule that is off.',
    "`dynamic_variables` are at most 5,120 bytes of UTF-8 JSON per task.",
    "The API's pages print no success code; this service answers 200, as the pages of the other families print. The answer is flat, as on the newer page; with `X-Response-Envelope: 1`, or where the operator sets `BATCH_CALL_RESPONSE_ENVELOPE=on`, it comes in the envelope of the older one.",
  ].join("\n\n"),
  headers: z.object({
    "Idempotency-Key": z.string().max(longestKey).optional().meta({
      description:
        "The same key with a body that says the same (white space, the order of fields, letter case of a status and the unit of a time do not matter) creates once, for 30 days; with another body it is refused with 422.",
      "x-extension": true,
    }),
    "X-Response-Envelope": z
      .enum(["0", "1"])
      .optional()
      .meta({ description: "Asks for the flat (0) or the enveloped (1) answer.", "x-extension": true }),
  }),
  body: { schema: createBatchBody, isRequired: true },
  answer: z.union([batchAnswer, enveloped(batchAnswer)]),
  refusals: [400, 409, 413, 422],
  async run(request, parts) {
    const created = await createOnce(request, parts);
    const body = await showBatch(parts, created.batch, request);
    const asked = request.header(headers.responseEnvelope);
    const isEnveloped = asked === undefined ? parts.answersEnveloped : asked === "1";
    return {
      body: isEnveloped ? toSuccessBody("Batch call created successfully", body) : body,
      ...(created.replayed && { headers: { [headers.idempotentReplayed]: "true" } }),
    };
  },
});

async function createOnce(request: RestRequest, parts: ServiceParts): Promise<Created> {
  const { organizationId, body } = request;
  const key = readKey(request);
  const { batch, meaning } = readCreateBatchBody(body, parts.clock.now());
  const said = key === undefined ? undefined : meaning();
  if (key === undefined || said === undefined) return createBatch(parts, organizationId, accept(batch));
  const idempotency = { key, bodyHash: createHash("sha256").update(said).digest("hex") };
  const replay = await findReplay(parts, organizationId, idempotency);
  return replay ?? createBatch(parts, organizationId, accept(batch), idempotency);
}

function readKey(request: RestRequest): string | undefined {
  const key = request.header(headers.idempotencyKey);
  if (key !== "" && (key === undefined || key.length <= longestKey)) return key;
  throw invalid({
    field: "Idempotency-Key",
    code: "bad_format",
    message: `Must have 1 to ${longestKey} characters.`,
  });
}
