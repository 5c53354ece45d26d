import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { Clock } from "../../../src/lib/clock.ts";
import {
  type NewCall,
  PlatformStandIn,
  type StandInAnswer,
  type StandInCall,
  type StandInNotice,
  type StandInRequest,
} from "./stand-in.ts";

// Written from the vendor's API document (twilio/twilio-oai `spec/json/twilio_api_v2010.json`, commit of 2026-04-14), field by field;
// `npm run check-stand-ins -- --spec twilio=PATH` holds it against the document. Codes of errors are from https://www.twilio.com/docs/api/errors.

export const twilioAccount = `AC${"0".repeat(32)}`;
const prefix = `/2010-04-01/Accounts/${twilioAccount}`;

/** Strict: a field that is not documented is a mistake of ours, and with `ApplicationSid` the status callback would be ignored. */
const createForm = z.strictObject({
  To: z.string().regex(/^\+\d+$/),
  From: z.string().regex(/^\+\d+$/),
  Url: z.url(),
  Method: z.enum(["GET", "POST"]).optional(),
  FallbackUrl: z.url().optional(),
  FallbackMethod: z.enum(["GET", "POST"]).optional(),
  MachineDetection: z.literal("Enable"),
  StatusCallback: z.url().optional(),
  StatusCallbackMethod: z.enum(["GET", "POST"]).optional(),
  StatusCallbackEvent: z.tuple([z.literal("initiated"), z.literal("completed")]).optional(),
});

const statuses: Readonly<Record<Exclude<StandInCall["outcome"], "no_room">, string>> = {
  answered: "completed",
  no_answer: "no-answer",
  busy: "busy",
  voicemail: "completed",
  failed: "failed",
};

/** Of a status without words of its own. */
const failures: Readonly<Record<number, readonly [code: number, message: string]>> = {
  400: [21211, "The 'To' number is not a valid phone number."],
  401: [20003, "Authenticate"],
  404: [20404, "The requested resource was not found"],
  429: [20429, "Too Many Requests"],
  500: [20500, "Internal server error"],
  503: [20503, "Service unavailable"],
};

/** Twilio's API, as far as the carrier uses it. */
export class TwilioStandIn extends PlatformStandIn {
  override apiKey = `${twilioAccount}:key_of_the_account`;
  applications = [
    {
      sid: "agent_1",
      friendly_name: "Reminders",
      voice_url: "https://agent.example.com/voice?lang=en",
      voice_method: "POST",
      voice_fallback_url: null,
      voice_fallback_method: "POST",
      status_callback: "https://agent.example.com/status",
      status_callback_method: "POST",
    },
  ];
  /** Numbers of others that the account may call from. */
  verified: readonly string[] = [];
  isRecording = true;
  /** Where notices were asked for last. */
  #noticeUrl = "";

  static start(clock: Clock): Promise<TwilioStandIn> {
    return new TwilioStandIn(clock).listen();
  }

  /** Nothing is told when the price is there: such a notice is the one of the end once more. */
  override notice(
    call: StandInCall,
    _event: "ended" | "analyzed",
    { key = this.noticeKey }: { readonly at?: Date; readonly key?: string } = {},
  ): StandInNotice {
    const marks = z.record(z.string(), z.string()).parse(call.metadata);
    const search = `?${new URLSearchParams(marks)}`;
    const fields = {
      CallSid: sidOf(call),
      AccountSid: twilioAccount,
      From: call.fromNumber,
      To: call.toNumber,
      CallStatus: call.word ?? statusOf(call),
      ApiVersion: "2010-04-01",
      Direction: "outbound-api",
      CallbackSource: "call-progress-events",
    };
    const sorted = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const signedText = `${this.#noticeUrl}${search}${sorted.map(([name, value]) => name + value).join("")}`;
    const signature = createHmac("sha1", key).update(signedText).digest("base64");
    return {
      bodyText: new URLSearchParams(fields).toString(),
      headers: { "x-twilio-signature": signature, "content-type": "application/x-www-form-urlencoded" },
      search,
    };
  }

  override loseAgent(): void {
    this.applications = this.applications.map((application) => ({ ...application, sid: "agent_9" }));
  }

  protected override isCreate({ method, path }: StandInRequest): boolean {
    return method === "POST" && path.endsWith("/Calls.json");
  }

  protected override isAuthorized({ authorization }: IncomingHttpHeaders): boolean {
    return authorization === `Basic ${Buffer.from(this.apiKey).toString("base64")}`;
  }

  protected override readCreate({ path, body }: StandInRequest): NewCall | StandInAnswer {
    if (path !== `${prefix}/Calls.json`) return this.failure(404);
    const read = createForm.safeParse(body);
    if (!read.success) return failureOf(400, 20001, read.error.message);
    const { To, From, Url, StatusCallback } = read.data;
    const asked = new URL(Url);
    const application = this.applications.find(({ voice_url }) => addressOf(new URL(voice_url)) === addressOf(asked));
    if (!application) return failureOf(400, 21205, "Url is not a valid URL");
    if (![...this.numbers.map(({ phone_number }) => phone_number), ...this.verified].includes(From))
      return failureOf(400, 21210, "The source phone number provided is not yet verified for this account.");
    if (this.refusedNumbers.includes(To)) return this.failure(400);
    const callback = StatusCallback === undefined ? undefined : new URL(StatusCallback);
    const marks = Object.fromEntries(callback?.searchParams ?? []);
    if (callback) this.#noticeUrl = addressOf(callback);
    const own = new Set(new URL(application.voice_url).searchParams.keys());
    return {
      // Nothing else tells the token: without a callback, rings are counted by number.
      token: marks["batch_call_token"] ?? To,
      reference: marks["batch_call_send"] ?? "",
      fromNumber: From,
      toNumber: To,
      agentId: application.sid,
      variables: Object.fromEntries([...asked.searchParams].filter(([name]) => !own.has(name))),
      metadata: marks,
    };
  }

  /** Above the account's calls at a time a call is rejected. */
  protected override created(call: StandInCall): StandInAnswer {
    if (call.outcome === "no_room") return failureOf(400, 10004, "Call concurrency limit exceeded");
    return { status: 201, body: { ...this.#show(call), queue_time: String(this.queueMs) } };
  }

  protected override failure(status: number): StandInAnswer {
    const [code, message] = failures[status] ?? [20001, "Error"];
    return failureOf(status, code, message);
  }

  protected override answer({ method, path, query, body }: StandInRequest): StandInAnswer {
    const route = path.startsWith(prefix) ? path.slice(prefix.length) : "";
    const [, sid, part] = /^\/Calls\/([^/.]+)(\/Recordings)?\.json$/.exec(route) ?? [];
    const call = this.#made.find((made) => sidOf(made) === sid);
    if (sid !== undefined && !call) return this.failure(404);
    if (call && method === "POST") {
      if (z.strictObject({ Status: z.literal("canceled") }).safeParse(body).success) this.takeBack(call);
      return { status: 200, body: this.#show(call) };
    }
    if (method !== "GET") return this.failure(404);
    if (call) return part ? this.#recordings(call, path) : { status: 200, body: this.#show(call) };
    if (route === "/Calls.json") return list("calls", this.#listCalls(query), path);
    if (route === "/Applications.json") return list("applications", this.applications.map(toApplication), path);
    if (route === "/IncomingPhoneNumbers.json") return list("incoming_phone_numbers", this.numbers.map(toNumber), path);
    if (route === "/OutgoingCallerIds.json") return list("outgoing_caller_ids", this.verified.map(toCallerId), path);
    return this.failure(404);
  }

  /** A call that was rejected is none. */
  get #made(): readonly StandInCall[] {
    return this.calls.filter(({ outcome }) => outcome !== "no_room");
  }

  #listCalls(query: URLSearchParams): readonly object[] {
    const found = this.#made.filter(
      (call) =>
        this.isListed(call) &&
        call.toNumber === (query.get("To") ?? call.toNumber) &&
        call.fromNumber === (query.get("From") ?? call.fromNumber),
    );
    return found.toReversed().map((call) => this.#show(call));
  }

  #show(call: StandInCall) {
    const { createdAt, startedAt, endedAt, fromNumber, toNumber } = call;
    const isTalk = startedAt !== undefined && hasTalk(call);
    const isOver = endedAt !== undefined;
    const uri = `${prefix}/Calls/${sidOf(call)}.json`;
    return {
      sid: sidOf(call),
      account_sid: twilioAccount,
      parent_call_sid: null,
      date_created: toRfc2822(createdAt),
      date_updated: toRfc2822(endedAt ?? startedAt ?? createdAt),
      to: toNumber,
      from: fromNumber,
      status: call.word ?? statusOf(call),
      start_time: startedAt ? toRfc2822(startedAt) : null,
      end_time: isOver && isTalk ? toRfc2822(endedAt) : null,
      duration: isOver && isTalk ? String(Math.round((endedAt.getTime() - startedAt.getTime()) / 1000)) : null,
      price: isTalk && this.isAnalyzed(call) ? "-0.01300" : null,
      price_unit: "USD",
      direction: "outbound-api",
      answered_by: isTalk ? (call.outcome === "voicemail" ? "machine_start" : "human") : null,
      api_version: "2010-04-01",
      uri,
    };
  }

  #recordings(call: StandInCall, path: string): StandInAnswer {
    const sid = `RE${sidOf(call).slice(2)}`;
    const recording = {
      sid,
      account_sid: twilioAccount,
      call_sid: sidOf(call),
      status: "completed",
      uri: `${prefix}/Calls/${sidOf(call)}/Recordings/${sid}.json`,
    };
    return list("recordings", this.isRecording && call.endedAt ? [recording] : [], path);
  }
}

function sidOf({ id }: StandInCall): string {
  return `CA0000${id.replace(/^call_/, "")}`;
}

function hasTalk({ outcome }: StandInCall): boolean {
  return outcome === "answered" || outcome === "voicemail";
}

function statusOf(call: StandInCall): string {
  const { startedAt, endedAt, outcome } = call;
  if (!startedAt) return endedAt ? "canceled" : "queued";
  if (!endedAt) return hasTalk(call) ? "in-progress" : "ringing";
  return outcome === "no_room" ? "failed" : statuses[outcome];
}

function addressOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function toRfc2822(at: Date): string {
  return at.toUTCString().replace("GMT", "+0000");
}

function list(name: string, rows: readonly object[], uri: string): StandInAnswer {
  const page = { page: 0, page_size: 1000, start: 0, end: Math.max(rows.length - 1, 0), uri };
  return {
    status: 200,
    body: { ...page, first_page_uri: uri, next_page_uri: null, previous_page_uri: null, [name]: rows },
  };
}

function toApplication(application: object): object {
  return { ...application, account_sid: twilioAccount, api_version: "2010-04-01" };
}

type NumberRow = { readonly phone_number: string; readonly nickname: string | null };

function toNumber({ phone_number, nickname }: NumberRow): object {
  return {
    sid: `PN${phone_number.slice(1).padStart(32, "0")}`,
    account_sid: twilioAccount,
    phone_number,
    friendly_name: nickname,
    capabilities: { voice: true, sms: true, mms: false, fax: false },
  };
}

function toCallerId(phone_number: string): object {
  return { sid: `PN${phone_number.slice(1).padStart(32, "0")}`, account_sid: twilioAccount, phone_number };
}

function failureOf(status: number, code: number, message: string): StandInAnswer {
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
}
