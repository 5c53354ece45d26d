import { fields, operation as operationOf } from "./excerpt.ts";

// Field names of Vapi's API, of what the carrier uses, written down by hand from the vendor's API document (VapiAI/docs
// `fern/apis/api/openapi.json`, commit of 2026-08-20). It words no error: the form of those is a guess.

const error = fields("message", "error", "statusCode");
const operation = (given: Omit<Parameters<typeof operationOf>[0], "error">) => operationOf({ ...given, error });

const overrides = fields("variableValues", "metadata");
const call = {
  properties: {
    ...fields(
      ...["id", "orgId", "type", "createdAt", "updatedAt", "startedAt", "endedAt", "assistantId", "phoneNumberId"],
      ...["endedReason", "monitor", "cost"],
    ).properties,
    status: {
      enum: ["scheduled", "queued", "ringing", "in-progress", "forwarding", "ended", "not-found", "deletion-failed"],
    },
    customer: fields("number"),
    assistantOverrides: overrides,
    artifact: fields("messages", "transcript", "structuredOutputs"),
    analysis: fields("summary", "structuredData", "successEvaluation"),
  },
};
const subscriptionLimits = fields("concurrencyBlocked", "concurrencyLimit", "remainingConcurrentCalls");
const assistant = {
  properties: {
    ...fields("id", "orgId", "createdAt", "updatedAt", "name", "firstMessage", "voicemailDetection").properties,
    model: fields("provider", "model", "messages", "tools"),
  },
};
const number = fields("id", "orgId", "createdAt", "updatedAt", "provider", "number", "name", "status");

export const vapiExcerpt = {
  paths: {
    "/call": {
      post: operation({
        body: {
          properties: {
            ...fields("assistantId", "phoneNumberId").properties,
            customer: fields("number"),
            assistantOverrides: overrides,
          },
        },
        // Told by a page (docs.vapi.ai/calls/call-concurrency, 2026-07-06); the document has it for a batch of calls alone.
        answer: { properties: { ...call.properties, subscriptionLimits } },
        status: 201,
        errors: [400, 401, 500],
      }),
      get: operation({ answer: { items: call }, errors: [400, 401] }),
    },
    "/call/{id}": { get: operation({ answer: call, errors: [401, 404] }) },
    "/assistant": { get: operation({ answer: { items: assistant }, errors: [401] }) },
    "/phone-number": { get: operation({ answer: { items: number }, errors: [401] }) },
  },
};

/** What pages of the vendor have and the document has not. */
export const vapiNewer: readonly string[] = [
  "POST /call 201.subscriptionLimits is not documented",
  "GET /phone-number: 401 is not documented",
];
