import { fields, operation as operationOf } from "./excerpt.ts";

// Field names of Retell's API, of what the carrier uses, written down by hand. Sources: the vendor's API document as mirrored in
// tryAGI/RetellAI (commit of 2026-04-03), and where it is marked as newer the types of npm retell-sdk 5.66.1 (2026-09-11).

const error = { ...fields("message"), properties: { status: { enum: ["error"] }, message: { type: "string" } } };
const operation = (given: Omit<Parameters<typeof operationOf>[0], "error">) => operationOf({ ...given, error });

const listedCall = fields(
  ...["call_type", "direction", "call_id", "agent_id", "agent_version", "from_number", "to_number", "call_status"],
  ...["metadata", "retell_llm_dynamic_variables", "start_timestamp", "end_timestamp", "duration_ms"],
  ...["disconnection_reason", "call_analysis", "call_cost"],
);
const call = {
  properties: {
    ...listedCall.properties,
    ...fields("transcript", "transcript_object", "recording_url").properties,
    call_status: { enum: ["registered", "not_connected", "ongoing", "ended", "error"] },
    call_analysis: fields("call_summary", "in_voicemail", "user_sentiment", "call_successful", "custom_analysis_data"),
  },
};
const page = (item: object) => ({
  properties: { items: { items: item }, has_more: { type: "boolean" }, pagination_key: { type: "string" } },
});

export const retellExcerpt = {
  paths: {
    "/v2/create-phone-call": {
      post: operation({
        body: {
          properties: {
            ...fields("from_number", "to_number", "override_agent_id", "metadata", "retell_llm_dynamic_variables")
              .properties,
            agent_override: { properties: { agent: fields("voicemail_option") } },
          },
        },
        answer: call,
        status: 201,
        errors: [400, 401, 402, 422, 429, 500],
      }),
    },
    "/v2/get-call/{call_id}": { get: operation({ answer: call, errors: [400, 401, 422, 500] }) },
    // Newer.
    "/v3/list-calls": {
      post: operation({
        body: {
          properties: {
            ...fields("limit", "pagination_key", "sort_order").properties,
            filter_criteria: { properties: { metadata: { items: fields("key", "type", "op", "value") } } },
          },
        },
        answer: page(listedCall),
        errors: [400, 401, 500],
      }),
    },
    // Newer.
    "/v2/list-agents": {
      post: operation({
        body: { properties: { filter_criteria: { properties: { channel: fields("type", "op", "value") } } } },
        answer: page(fields("agent_id", "agent_name", "channel", "tags", "user_modified_timestamp")),
        errors: [401, 500],
      }),
    },
    "/get-agent/{agent_id}": {
      get: operation({
        answer: fields(
          ...["agent_id", "version", "agent_name", "voice_id", "language", "voicemail_option", "response_engine"],
          "last_modification_timestamp",
        ),
        errors: [400, 401, 422, 500],
      }),
    },
    "/get-retell-llm/{llm_id}": {
      get: operation({
        answer: fields(
          ...["llm_id", "version", "general_prompt", "begin_message", "default_dynamic_variables"],
          "last_modification_timestamp",
        ),
        errors: [400, 401, 422, 500],
      }),
    },
    "/v2/list-phone-numbers": {
      get: operation({
        answer: page(fields("phone_number", "phone_number_type", "nickname", "last_modification_timestamp")),
        errors: [401, 500],
      }),
    },
    "/get-concurrency": {
      get: operation({
        answer: fields(
          ...["current_concurrency", "concurrency_limit", "base_concurrency", "purchased_concurrency"],
          ...["concurrency_burst_enabled", "concurrency_burst_limit"],
          // Newer.
          "reserved_inbound_concurrency",
        ),
        errors: [401, 500],
      }),
    },
  },
};

/** What the types of the SDK have and the older document has not. */
export const retellNewer: readonly string[] = [
  "POST /v3/list-calls",
  "POST /v2/list-agents",
  "GET /get-concurrency 200.reserved_inbound_concurrency is not documented",
];
