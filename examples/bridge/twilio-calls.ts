import twilio from "twilio";
import type { Dial } from "./ledger.ts";
import { isMachine, type ProviderCall } from "./outcome.ts";

export type TwilioSettings = {
  readonly accountSid: string;
  readonly authToken: string;
  /** Where Twilio reaches this bridge, without a slash at its end. */
  readonly publicUrl: string;
  /** Media stream (wss) of the voice agent that talks. */
  readonly agentStreamUrl: string;
  /** Another address of Twilio's API, such as that of a stand-in. */
  readonly apiUrl?: string;
};

/** What a failed `place` says about the call. */
export type Failure =
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "not_placed" }
  | { readonly kind: "in_doubt" };

export type TwilioCalls = {
  /** Resolves with the sid of the call that now rings. */
  place(dial: Dial): Promise<string>;
  judge(error: unknown): Failure;
  find(sid: string): Promise<ProviderCall>;
  /** Whether Twilio sent this webhook. `path` is with the query. */
  isGenuine(signature: string, path: string, params: Readonly<Record<string, string>>): boolean;
  /** The TwiML that connects who answered with the voice agent, speaks the message to a voicemail, or hangs up on a machine. */
  greet(dial: Dial, answeredBy: string | undefined): string;
};

export function createTwilioCalls(settings: TwilioSettings): TwilioCalls {
  const { accountSid, authToken, publicUrl, agentStreamUrl, apiUrl } = settings;
  // No repeats by the SDK itself: a call that was placed twice rings twice, Twilio has no key against that.
  const client = twilio(accountSid, authToken, {
    autoRetry: false,
    timeout: 15_000,
    ...(apiUrl && { httpClient: new ClientOf(apiUrl) }),
  });

  return {
    async place({ token, to_number, from_number, voicemail_message }) {
      const query = `token=${encodeURIComponent(token)}`;
      const call = await client.calls.create({
        to: to_number,
        from: from_number,
        url: `${publicUrl}/twilio/answer?${query}`,
        // A message is to begin behind the beep.
        machineDetection: voicemail_message ? "DetectMessageEnd" : "Enable",
        statusCallback: `${publicUrl}/twilio/status?${query}`,
        statusCallbackEvent: ["initiated", "completed"],
        timeout: 30,
      });
      return call.sid;
    },
    judge,
    find: (sid) => client.calls(sid).fetch(),
    isGenuine: (signature, path, params) => twilio.validateRequest(authToken, signature, `${publicUrl}${path}`, params),
    greet(dial, answeredBy) {
      const { token, agent_id, variables, voicemail_message } = dial;
      const response = new twilio.twiml.VoiceResponse();
      if (isMachine(answeredBy)) {
        if (takesMessage(dial, answeredBy)) response.say(voicemail_message ?? "");
        response.hangup();
        return response.toString();
      }
      const stream = response.connect().stream({ url: agentStreamUrl });
      stream.parameter({ name: "agent_id", value: agent_id });
      stream.parameter({ name: "token", value: token });
      for (const [name, value] of Object.entries(variables))
        stream.parameter({ name, value: typeof value === "string" ? value : JSON.stringify(value) });
      return response.toString();
    },
  };
}

/** Whether a message is spoken to what answered: no fax hears it. */
export function takesMessage({ voicemail_message }: Dial, answeredBy: string | undefined): boolean {
  return Boolean(voicemail_message) && isMachine(answeredBy) && answeredBy !== "fax";
}

class ClientOf extends twilio.RequestClient {
  readonly #apiUrl: string;

  constructor(apiUrl: string) {
    super();
    this.#apiUrl = apiUrl;
  }

  override request: InstanceType<typeof twilio.RequestClient>["request"] = (options) =>
    super.request({ ...options, uri: options.uri.replace("https://api.twilio.com", this.#apiUrl) });
}

/**
 * Only what proves that Twilio did not take the call counts as `refused` or `not_placed`. An answer 400 is about this
 * call (number, caller id, permission); other 4xx are about the account or the pace, and the call may be tried again.
 */
function judge(error: unknown): Failure {
  if (!(error instanceof Error)) return { kind: "in_doubt" };
  const status = "status" in error && typeof error.status === "number" ? error.status : undefined;
  if (status === 400) return { kind: "refused", reason: error.message };
  if (status !== undefined && status > 400 && status < 500 && status !== 408) return { kind: "not_placed" };
  const isUnreachable = "code" in error && (error.code === "ECONNREFUSED" || error.code === "ENOTFOUND");
  return { kind: isUnreachable ? "not_placed" : "in_doubt" };
}
