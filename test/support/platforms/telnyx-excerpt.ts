import { fields, operation as operationOf } from "./excerpt.ts";

// Field names of Telnyx' API, of what the carrier uses, written down by hand from the types of npm telnyx 7.24.0 (2026-09-28), which are
// made from the vendor's API document (team-telnyx/openapi `openapi/spec3.yml`).

const error = { properties: { errors: { items: fields("code", "title", "detail", "meta", "source") } } };
const operation = (given: Omit<Parameters<typeof operationOf>[0], "error">) => operationOf({ ...given, error });

const meta = fields("page_number", "page_size", "total_pages", "total_results");
const page = (item: object) => ({ properties: { data: { items: item }, meta } });
const one = (data: object) => ({ properties: { data } });

const ids = ["call_control_id", "call_leg_id", "call_session_id", "client_state", "record_type"];
const call = fields(...ids, "is_alive", "call_duration", "start_time", "end_time", "recording_id");

export const telnyxExcerpt = {
  paths: {
    "/calls": {
      post: operation({
        body: {
          properties: {
            ...fields("connection_id", "from", "client_state", "command_id", "retry_on_timeout").properties,
            to: { type: "string" },
            assistant: fields("id", "dynamic_variables"),
            answering_machine_detection: {
              enum: ["premium", "detect", "detect_beep", "detect_words", "greeting_end", "disabled"],
            },
          },
        },
        answer: one(call),
        errors: [400, 401, 422, 500, 503],
      }),
    },
    "/calls/{call_control_id}": { get: operation({ answer: one(call), errors: [401, 404, 422] }) },
    "/connections/{connection_id}/active_calls": {
      get: operation({ answer: page(fields(...ids, "call_duration")), errors: [401] }),
    },
    "/call_events": {
      get: operation({
        answer: page({
          properties: {
            ...fields("call_leg_id", "call_session_id", "event_timestamp", "name").properties,
            // Open: "event metadata, which includes raw event".
            metadata: {},
            record_type: { enum: ["call_event"] },
            type: { enum: ["command", "webhook"] },
          },
        }),
        errors: [401],
      }),
    },
    "/call_control_applications": {
      get: operation({
        answer: page(fields("id", "application_name", "active", "record_type")),
        errors: [401],
      }),
    },
    "/phone_numbers": {
      get: operation({
        answer: page(
          fields(
            ...["id", "phone_number", "phone_number_type", "record_type", "status"],
            ...["connection_id", "customer_reference"],
          ),
        ),
        errors: [401],
      }),
    },
    "/ai/assistants": {
      get: operation({
        answer: page(
          fields("id", "name", "created_at", "model", "instructions", "greeting", "dynamic_variables", "description"),
        ),
        errors: [401],
      }),
    },
    "/ai/conversations": {
      get: operation({
        answer: page(fields("id", "created_at", "last_message_at", "metadata", "name")),
        errors: [401],
      }),
    },
    "/ai/conversations/{conversation_id}/messages": {
      get: operation({
        answer: page({
          properties: {
            ...fields("text", "created_at", "sent_at", "metadata", "tool_calls").properties,
            role: { enum: ["user", "assistant", "tool"] },
          },
        }),
        errors: [401],
      }),
    },
    "/ai/conversations/{conversation_id}/conversations-insights": {
      get: operation({
        answer: page({
          properties: {
            ...fields("id", "created_at").properties,
            status: { enum: ["pending", "in_progress", "completed", "failed"] },
            conversation_insights: { items: fields("insight_id", "result") },
          },
        }),
        errors: [401],
      }),
    },
  },
};

/** What the excerpt has and the document has not. */
export const telnyxNewer: readonly string[] = [];
