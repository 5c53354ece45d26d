import { fields, operation as operationOf } from "./excerpt.ts";

// Field names of Twilio's API, of what the carrier uses, written down by hand from the vendor's API document (twilio/twilio-oai
// `spec/json/twilio_api_v2010.json`, commit of 2026-04-14). It words no error: the form of those is from pages of twilio.com/docs.

const error = fields("code", "message", "more_info", "status");
const operation = (given: Omit<Parameters<typeof operationOf>[0], "error">) => operationOf({ ...given, error });

const pages = ["end", "first_page_uri", "next_page_uri", "page", "page_size", "previous_page_uri", "start", "uri"];
const list = (name: string, item: object) => ({
  properties: {
    ...fields(...pages).properties,
    next_page_uri: { nullable: true },
    previous_page_uri: { nullable: true },
    [name]: { items: item },
  },
});
/** A row whose fields may all be null. */
const row = (...names: readonly string[]) => ({
  properties: Object.fromEntries(names.map((name) => [name, { nullable: true }])),
});

const call = {
  properties: {
    ...row(
      ...["sid", "account_sid", "parent_call_sid", "date_created", "date_updated", "to", "from", "start_time"],
      ...[
        "end_time",
        "duration",
        "price",
        "price_unit",
        "direction",
        "answered_by",
        "api_version",
        "queue_time",
        "uri",
      ],
    ).properties,
    status: { enum: ["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"] },
  },
};
const methods = { enum: ["GET", "POST"] };
const account = "/2010-04-01/Accounts/{AccountSid}";

export const twilioExcerpt = {
  paths: {
    [`${account}/Calls.json`]: {
      post: operation({
        form: {
          properties: {
            ...fields("To", "From", "Url", "FallbackUrl", "MachineDetection", "StatusCallback").properties,
            Method: methods,
            FallbackMethod: methods,
            StatusCallbackMethod: methods,
            StatusCallbackEvent: { items: { enum: ["initiated", "ringing", "answered", "completed"] } },
          },
          required: ["To", "From"],
        },
        answer: call,
        status: 201,
        errors: [400, 401, 404, 429, 500],
      }),
      get: operation({ answer: list("calls", call), errors: [401] }),
    },
    [`${account}/Calls/{Sid}.json`]: {
      get: operation({ answer: call, errors: [401, 404] }),
      post: operation({
        form: { properties: { Status: { enum: ["canceled", "completed"] } } },
        answer: call,
        errors: [400, 404],
      }),
    },
    [`${account}/Calls/{CallSid}/Recordings.json`]: {
      get: operation({
        answer: list("recordings", row("sid", "account_sid", "call_sid", "status", "uri")),
        errors: [401],
      }),
    },
    [`${account}/Applications.json`]: {
      get: operation({
        answer: list(
          "applications",
          row(
            ...["sid", "account_sid", "api_version", "friendly_name", "voice_url", "voice_method"],
            ...["voice_fallback_url", "voice_fallback_method", "status_callback", "status_callback_method"],
          ),
        ),
        errors: [401],
      }),
    },
    [`${account}/IncomingPhoneNumbers.json`]: {
      get: operation({
        answer: list(
          "incoming_phone_numbers",
          row("sid", "account_sid", "phone_number", "friendly_name", "capabilities"),
        ),
        errors: [401],
      }),
    },
    [`${account}/OutgoingCallerIds.json`]: {
      get: operation({
        answer: list("outgoing_caller_ids", row("sid", "account_sid", "phone_number", "friendly_name")),
        errors: [401],
      }),
    },
  },
};

/** The document has successes alone: the statuses and form of refusals are from pages of the vendor. */
export const twilioNewer: readonly string[] = [
  "POST /2010-04-01/Accounts/{AccountSid}/Calls.json: 400 is not documented",
  "GET /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json: 401 is not documented",
  "GET /2010-04-01/Accounts/{AccountSid}/OutgoingCallerIds.json: 401 is not documented",
];
