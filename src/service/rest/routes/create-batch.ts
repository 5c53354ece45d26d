import { createHash } from "node:crypto";
import { z } from "zod";
import { batchAnswer, enveloped } from "../../../contract/answers.ts";
import { createBatchBody, fromCreateBatchBody } from "../../../contract/batch/create-batch.ts";
import { toSuccessBody } from "../../../contract/envelope.ts";
import { headers, routes } from "../../../contract/routes.ts";
import { type Created, createBatch, findReplay, invalid, showBatch } from "../../batches/index.ts";
import type { Idempotency } from "../../store/index.ts";
import { accept } from "../exchange.ts";
import { endpoint, type RestRequest, type ServiceParts } from "../rest-endpoint.ts";

const longestKey = 255;

export const createBatchEndpoint = endpoint({
  route: routes.createBatch,
  operationId: "createBatchCall",
  tag: "Batch calls",
  summary: "Create a batch call: a draft, scheduled, or started at once",
  description: [
    '`status: "draft"` starts nothing and wins over the other fields. `send_now: true` starts at once and wins over `trigger_timestamp`. A body with neither of the two and without `draft` is refused: nobody is called because something was left out. So is `status` of `scheduled` or `sent` alone.',
    "`trigger_timestamp` is an absolute instant, in milliseconds (a number below 1e11 is read as seconds); `timezone` is for retry times and quiet hours.",
    "A number that stands in the list twice is called once; `duplicates_removed` says how many were left out. Numbers on the do-not-call list are kept as tasks in status `cancelled`.",
    "`retry_config.max_attempts` counts the first attempt. Without `retry_config.enabled` there is one attempt, except that a task's `max_retries: n` allows n more; where both are given, the smaller number applies. With retries on, an outcome without an enabled rule is final if any rule was given, else recipients who were not reached are called again after 60 minutes.",
    "`retry_timing` of type `AT` is the next such wall time in the batch's zone, strictly later. Quiet hours are half-open `[start_time, end_time)`, may cross midnight, hold back first attempts and retries alike, in `quiet_hours.timezone`, else in the batch's zone.",
    "`dynamic_variables` are at most 5,120 bytes of UTF-8 JSON per task.",
    "The API's pages print no success code; this service answers 200, as the pages of the other families print. The answer is flat, as on the newer page; with `X-Response-Envelope: 1` it comes in the envelope of the older one.",
  ].join("\n\n"),
  headers: z.object({
    "Idempotency-Key": z.string().max(longestKey).optional().meta({
      description:
        "The same key with the same body creates once, for 30 days; with another body it is refused with 422.",
      "x-extension": true,
    }),
    "X-Response-Envelope": z
      .enum(["1"])
      .optional()
      .meta({ description: "Asks for the enveloped answer.", "x-extension": true }),
  }),
  body: { schema: createBatchBody, isRequired: true },
  answer: z.union([batchAnswer, enveloped(batchAnswer)]),
  refusals: [400, 409, 413, 422],
  async run(request, parts) {
    const idempotency = toIdempotency(request);
    const created = await createOnce(request, parts, idempotency);
    const body = await showBatch(parts, created.batch);
    const isEnveloped = request.header(headers.responseEnvelope) === "1";
    return {
      body: isEnveloped ? toSuccessBody("Batch call created successfully", body) : body,
      ...(created.replayed && { headers: { [headers.idempotentReplayed]: "true" } }),
    };
  },
});

async function createOnce(
  request: RestRequest,
  parts: ServiceParts,
  idempotency: Idempotency | undefined,
): Promise<Created> {
  const { organizationId, body } = request;
  const replay = idempotency && (await findReplay(parts, organizationId, idempotency));
  return (
    replay ?? createBatch(parts, organizationId, accept(fromCreateBatchBody(body, parts.clock.now())), idempotency)
  );
}

function toIdempotency(request: RestRequest): Idempotency | undefined {
  const key = request.header(headers.idempotencyKey);
  if (key === undefined) return undefined;
  if (key === "" || key.length > longestKey) {
    throw invalid({
      field: "Idempotency-Key",
      code: "bad_format",
      message: `Must have 1 to ${longestKey} characters.`,
    });
  }
  return { key, bodyHash: createHash("sha256").update(request.bodyText).digest("hex") };
}
