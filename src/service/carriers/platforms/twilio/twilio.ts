import { z } from "zod";
import { toReason } from "../../../../contract/bridge.ts";
import { maybeText } from "../../../../contract/fields.ts";
import type { DialRequest } from "../../../../contract/records.ts";
import { adviceForRefusal, isSuccess, partOf, readFailure } from "../answers.ts";
import { referenceKey, tokenKey, toMarks } from "../marks.ts";
import { numbersIn } from "../numbers.ts";
import {
  type Ask,
  type CallMeans,
  type CreateAnswer,
  type Platform,
  type PlatformAnswer,
  PlatformRefusal,
  type PlatformRequest,
} from "../platform.ts";
import { readApplications, readNumbers } from "./account.ts";
import { isMadeAround, readCall } from "./call.ts";
import { accountPathOf, basicHeaders } from "./key.ts";
import { readPages } from "./pages.ts";
import { readRecordingUrl } from "./recordings.ts";
import { isGenuine } from "./signature.ts";
import { withQuery } from "./url.ts";

/** Twilio's Voice API (https://www.twilio.com/docs/voice/api). What is documented and what was guessed: docs/providers/twilio.md. */
export const twilio: Platform = {
  name: "Twilio",
  // A guess: what is above the calls per second waits in a queue, up to 24 hours, which the pace keeps empty.
  ringsWithinMs: 60_000,
  leavesMessages: false,
  keyHeaders: basicHeaders,
  accountPath: accountPathOf,
  readsAgentFirst: true,
  toCreate: (dial, reference, _from, means) => ({
    method: "POST",
    path: "/Calls.json",
    form: toCallForm(dial, reference, means),
  }),
  readCreated,
  showsNoMarks: true,

  // No filter by time or status: a call that waits in the queue has no start yet.
  async find({ fromNumber, toNumber, sentAt }, ask) {
    if (!sentAt) return [];
    const query = new URLSearchParams({ From: fromNumber, To: toNumber });
    const calls = await readPages(toRead(ask), `/Calls.json?${query}`, "calls");
    return calls.flatMap((call) => isMadeAround(call, sentAt) ?? []);
  },
  async read(callId, ask) {
    const answer = await ask({ method: "GET", path: pathOf(callId) });
    if (answer.status === 404) return undefined;
    const body = bodyOf(answer);
    const call = { ...readCall(body), numbers: numbersIn(body, "to", "from") };
    const isTalk = call.state === "ended" && (call.outcome === "answered" || call.outcome === "voicemail");
    if (!isTalk) return call;
    // What was said matters more than where it can be heard.
    const recordingUrl = await readRecordingUrl(callId, toRead(ask)).catch(() => undefined);
    return recordingUrl === undefined ? call : { ...call, details: { ...call.details, recordingUrl } };
  },
  toTakeBack: (callId) => ({ method: "POST", path: pathOf(callId), form: [["Status", "canceled"]] }),
  agents: (ask) => readApplications(toRead(ask)),
  numbers: (ask) => readNumbers(toRead(ask)),
  isGenuine,
  tokenOf: ({ url }) => queryOf(url).get(tokenKey) || undefined,
  callOf({ bodyText, url }) {
    const reference = queryOf(url).get(referenceKey);
    const callId = new URLSearchParams(bodyText).get("CallSid");
    return reference && callId ? { reference, callId } : undefined;
  },
};

function pathOf(callId: string): string {
  return `/Calls/${encodeURIComponent(callId)}.json`;
}

function queryOf(url: string | undefined): URLSearchParams {
  return url === undefined ? new URLSearchParams() : new URL(url).searchParams;
}

/**
 * The call does what the application of the agent does, which is asked at its own URL with the variables in the query. `ApplicationSid`
 * would leave them out.
 */
function toCallForm({ token, fromNumber, toNumber, variables }: DialRequest, reference: string, means: CallMeans = {}) {
  const { Url = "", ...rest } = means.agent?.callFields ?? {};
  const fields = {
    To: toNumber,
    From: fromNumber,
    Url: withQuery(Url, variables),
    // Before the application is asked, which is told by whom the call was answered.
    MachineDetection: "Enable",
    ...rest,
    ...(means.noticeUrl !== undefined && {
      StatusCallback: withQuery(means.noticeUrl, toMarks(token, reference)),
      StatusCallbackMethod: "POST",
    }),
  };
  // The first says at once what Twilio calls this call, should its answer be lost.
  const events = means.noticeUrl === undefined ? [] : ["initiated", "completed"];
  return [...Object.entries(fields), ...events.map((event) => ["StatusCallbackEvent", event] as const)];
}

const created = z.object({ sid: z.string().min(1), queue_time: maybeText });

function readCreated(answer: PlatformAnswer): CreateAnswer {
  if (!isSuccess(answer)) return readRefusal(answer);
  const { data } = created.safeParse(answer.body);
  if (!data) return { kind: "unclear", why: `HTTP ${answer.status} without the sid of a call` };
  const queueMs = Number(data.queue_time ?? "");
  return { kind: "accepted", callId: data.sid, ...(Number.isFinite(queueMs) && { queueMs }) };
}

/** Calls in progress are as many as the account may have, and a queue of more than 24 hours: the call was rejected. */
const full: ReadonlySet<unknown> = new Set([10004, 22005]);
/** About the number to call: not a number, not reachable, premium, not verified by a trial account, in a country that is not permitted. */
const ofNumber: ReadonlySet<unknown> = new Set([21202, 21211, 21214, 21215, 21216, 21217, 21219]);

function readRefusal(answer: PlatformAnswer): CreateAnswer {
  const reason = wordsOf(answer);
  const code = partOf(answer, "body")["code"];
  if (reason !== undefined && answer.status < 500 && full.has(code)) return { kind: "not_now", why: reason };
  return readFailure(answer, reason, (status, said) =>
    status === 400 && ofNumber.has(code) ? undefined : adviceForRefusal("Twilio", status, said),
  );
}

const failure = z.object({ code: z.int(), message: z.string(), status: z.int() });

/** Twilio's own words for a failure; undefined for an answer that is not in its form, which something in between may have given. */
function wordsOf({ status, body }: PlatformAnswer): string | undefined {
  const { data } = failure.safeParse(body);
  return data?.status === status ? toReason(data.message) : undefined;
}

function toRead(ask: Ask) {
  return async (request: PlatformRequest) => bodyOf(await ask(request));
}

function bodyOf(answer: PlatformAnswer): unknown {
  if (isSuccess(answer)) return answer.body;
  throw new PlatformRefusal("Twilio", answer.status, wordsOf(answer));
}
