import { fields, operation as operationOf } from "./excerpt.ts";

// Field names of ElevenLabs' API, of what the carrier uses, written down by hand from the types and wire names of npm
// @elevenlabs/elevenlabs-js 2.73.0 (2026-10-15). Failures other than 422 are not documented; their form is that of the vendor's help pages.

const error = fields("detail");
const operation = (given: Omit<Parameters<typeof operationOf>[0], "error">) => operationOf({ ...given, error });

const callBody = {
  properties: {
    ...fields("agent_id", "agent_phone_number_id", "to_number").properties,
    conversation_initiation_client_data: fields("user_id", "dynamic_variables"),
  },
};
const callErrors = [400, 401, 404, 422, 429];
const statuses = ["initiated", "in-progress", "processing", "done", "failed"];
const conversation = {
  properties: {
    ...fields(
      ...["agent_id", "conversation_id", "user_id", "conversation_initiation_client_data"],
      ...["has_audio", "has_user_audio", "has_response_audio", "has_auxiliary_audio"],
    ).properties,
    status: { enum: statuses },
    transcript: { items: fields("role", "message", "time_in_call_secs") },
    metadata: {
      properties: {
        ...fields(
          ...["start_time_unix_secs", "accepted_time_unix_secs", "call_duration_secs", "queue_wait_secs"],
          ...["termination_reason", "error"],
        ).properties,
        phone_call: {
          properties: {
            ...fields(
              ...["type", "direction", "phone_number_id", "agent_number", "external_number", "call_sid", "stream_sid"],
            ).properties,
            call_result: { enum: ["answered", "voicemail", "busy", "no_answer", "failed"] },
          },
        },
      },
    },
    analysis: { ...fields("call_successful", "transcript_summary", "data_collection_results"), nullable: true },
  },
};

export const elevenlabsExcerpt = {
  paths: {
    "/v1/convai/twilio/outbound-call": {
      post: operation({
        body: callBody,
        answer: fieldsOrNull("success", "message", "conversation_id", "callSid"),
        errors: callErrors,
      }),
    },
    "/v1/convai/sip-trunk/outbound-call": {
      post: operation({
        body: callBody,
        answer: fieldsOrNull("success", "message", "conversation_id", "sip_call_id"),
        errors: callErrors,
      }),
    },
    "/v1/convai/conversations": {
      get: operation({
        answer: {
          properties: {
            conversations: {
              items: fields(
                ...["agent_id", "conversation_id", "status", "start_time_unix_secs", "call_duration_secs"],
                ...["message_count", "call_successful"],
              ),
            },
            has_more: { type: "boolean" },
            next_cursor: { type: "string", nullable: true },
          },
        },
        errors: [401, 422],
      }),
    },
    "/v1/convai/conversations/{conversation_id}": { get: operation({ answer: conversation, errors: [401, 404, 422] }) },
    "/v1/convai/agents": {
      get: operation({
        answer: {
          properties: {
            agents: { items: fields("agent_id", "name", "voice_id", "tags", "created_at_unix_secs", "access_info") },
            has_more: { type: "boolean" },
            next_cursor: { type: "string", nullable: true },
          },
        },
        errors: [401, 422],
      }),
    },
    "/v1/convai/agents/{agent_id}": {
      get: operation({
        answer: {
          properties: {
            ...fields("agent_id", "name", "metadata").properties,
            conversation_config: {
              properties: {
                agent: {
                  properties: {
                    ...fields("first_message", "language").properties,
                    dynamic_variables: fields("dynamic_variable_placeholders"),
                    prompt: {
                      properties: { ...fields("prompt").properties, built_in_tools: fields("voicemail_detection") },
                    },
                  },
                },
              },
            },
          },
        },
        errors: [401, 404, 422],
      }),
    },
    "/v1/convai/phone-numbers": {
      get: operation({
        answer: {
          items: {
            properties: {
              ...fields("phone_number", "label", "phone_number_id", "provider").properties,
              ...fields("supports_inbound", "supports_outbound", "livekit_stack").properties,
              assigned_agent: { nullable: true },
            },
          },
        },
        errors: [401, 422],
      }),
    },
  },
};

function fieldsOrNull(...names: readonly string[]): object {
  return { properties: Object.fromEntries(names.map((name) => [name, { nullable: true }])) };
}

/** What the types of the SDK have and an older document has not. */
export const elevenlabsNewer: readonly string[] = [];
