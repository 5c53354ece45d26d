import type { PlatformName } from "../../config/carrier.ts";
import type { MeasuredName } from "./measurements.ts";

/** Something that a platform's documents leave open, as docs/providers numbers it. */
type OpenQuestion = {
  readonly asks: string;
  /** The measurements of one call that answer it; none where one call cannot. */
  readonly by: readonly MeasuredName[];
  /** What has to be set for that, or why one call cannot. */
  readonly note?: string;
};

const moreCalls = "it takes more calls than one";
const withStop = "with --stop";

/** What is to be measured of each platform before it places real calls. docs/providers has the same, in the same order. */
export const openQuestions: { readonly [Name in PlatformName]: readonly OpenQuestion[] } = {
  retell: [
    {
      asks: "How soon a created call is in `/v3/list-calls`, and whether a call that is still `registered` is.",
      by: ["found", "course"],
    },
    {
      asks: "Whether the `metadata` filter finds by a key of ours, and what the rows show of `metadata`.",
      by: ["found", "fields"],
    },
    {
      asks: "What happens above the account's lines: a 429, or a call that ends with `concurrency_limit_reached`.",
      by: [],
      note: moreCalls,
    },
    { asks: "What `POST /v2/stop-call` does to a call that rings.", by: ["stop"], note: withStop },
    {
      asks: "Which status and message each refusal has: a wrong number, a country that is not allowed, another account's caller id or agent.",
      by: [],
      note: moreCalls,
    },
    {
      asks: "How long `call_analysis` takes, and whether `in_voicemail` is there for every call of an agent with detection.",
      by: ["fields"],
    },
  ],
  elevenlabs: [
    {
      asks: "How soon a created call is in the list by `user_id`, and whether one that still rings is.",
      by: ["found"],
    },
    {
      asks: "What `success: false` says for a wrong number, a country that is not allowed, missing Twilio credentials, and which ids come with it.",
      by: [],
      note: moreCalls,
    },
    {
      asks: "What happens above the plan's concurrency: a 429, `success: false`, or a queue; and whether the phone rings before the agent is ready.",
      by: [],
      note: moreCalls,
    },
    { asks: "Whether `call_result` is there for busy and no answer, and how soon after the end.", by: ["fields"] },
    {
      asks: "How long `processing` takes, and whether `voicemail` is in `call_result` as soon as it begins.",
      by: ["course", "fields"],
    },
    { asks: "Whether `user_id` is in the notice, at which place.", by: ["fields"], note: "with a webhook" },
  ],
  vapi: [
    {
      asks: "How soon a created call is in `GET /call`, and whether one that is still `queued` is.",
      by: ["found", "course"],
    },
    {
      asks: "Whether `assistantOverrides.metadata` is in the rows of the list, and in the notice.",
      by: ["fields"],
    },
    {
      asks: "What happens above the account's concurrency: whether a call with `concurrencyBlocked: true` rings later, and how it ends.",
      by: [],
      note: moreCalls,
    },
    { asks: "What `subscriptionLimits` of a single call says.", by: ["limits", "fields"] },
    {
      asks: "Whether `schedulePlan.latestAt` keeps a call that waits from ringing late, and what `DELETE /call/{id}` does to one.",
      by: [],
      note: moreCalls,
    },
    {
      asks: "Which status and message each refusal has: a wrong number, a country that is not allowed, an empty wallet, another organization's assistant or number.",
      by: [],
      note: moreCalls,
    },
  ],
  telnyx: [
    {
      asks: "How soon events are in `GET /v2/call_events`, where `client_state` and `hangup_cause` are in a row, and whether they are kept without a webhook URL.",
      by: ["course", "fields"],
    },
    { asks: "Whether a call that only rings is in `active_calls`.", by: ["ring", "fields"] },
    {
      asks: "What a dial under a `command_id` that was used is answered, within 60 seconds and after them.",
      by: [],
      note: "it could ring twice",
    },
    {
      asks: "What a call above the account's channels looks like: its hang-up, and whether anything came before it.",
      by: [],
      note: moreCalls,
    },
    {
      asks: "Which status and pointer each refusal has: a wrong number, a country that is not allowed, no funds, another account's caller id or assistant.",
      by: [],
      note: moreCalls,
    },
    {
      asks: "How long the insights take, and whether the detection and the assistant get along from the first word.",
      by: ["fields"],
    },
  ],
  twilio: [
    {
      asks: "How soon a call is in the list, with `date_created`, while it waits, rings, and after it.",
      by: ["found", "course", "fields"],
    },
    {
      asks: "What a call above the account's calls at a time is: a refusal with 10004, or a call that fails.",
      by: [],
      note: moreCalls,
    },
    {
      asks: "What `Status=canceled` does to a call that waits and to one that rings, and whether `start_time` then tells them apart.",
      by: [],
      note: "--stop asks for `Status=completed`",
    },
    {
      asks: "Which status and code each refusal has: a wrong number, a country that is not permitted, a caller id that is not verified, no funds.",
      by: [],
      note: moreCalls,
    },
    {
      asks: "How long `MachineDetection` keeps a person waiting, and when `answered_by` and `price` are there.",
      by: ["fields"],
    },
    { asks: "Up to which length a voice URL with variables is taken.", by: [], note: moreCalls },
  ],
};

/** What the measurement `fields` looks for in every answer about the call, and in notices: names of fields, and of lists that have a row. */
export const watchedFields: {
  readonly [Name in PlatformName]: { readonly fields: readonly string[]; readonly lists?: readonly string[] };
} = {
  retell: { fields: ["metadata", "call_analysis", "in_voicemail"] },
  elevenlabs: { fields: ["user_id", "call_result"] },
  vapi: { fields: ["metadata", "subscriptionLimits"] },
  telnyx: { fields: ["client_state", "hangup_cause"], lists: ["active_calls", "conversations-insights"] },
  twilio: { fields: ["date_created", "start_time", "answered_by", "price"] },
};

/** Where each of the questions is answered, a line each. */
export function answeredBy(name: PlatformName): readonly string[] {
  return openQuestions[name].map(({ by, note }, index) => {
    if (by.length === 0) return `${index + 1}: not measured, ${note}`;
    return `${index + 1}: ${by.join(", ")}${note === undefined ? "" : ` (${note})`}`;
  });
}

/** The sentence of the platform's page that says which of its questions are measured. */
export function measuredText(name: PlatformName): string {
  const numbers = openQuestions[name].flatMap(({ by, note }, index) =>
    by.length > 0 ? [`${index + 1}${note === undefined ? "" : ` (${note.replace("--stop", "`--stop`")})`}`] : [],
  );
  const others = openQuestions[name].flatMap(({ by, note }, index) => (by.length > 0 ? [] : [`${index + 1}: ${note}`]));
  return `\`batch-call-mcp check-provider ${name} --to NUMBER --from NUMBER --agent ID\` measures ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)} with one call to your own phone ([docs/carriers.md](../carriers.md#check-a-voice-agent-platform)). Not measured are ${others.join("; ")}.`;
}
