import { toReason } from "../../contract/bridge.ts";
import { isObject } from "../../contract/envelope.ts";
import type { CallResult } from "../../contract/records.ts";
import { counted, plainText } from "../../domain/text.ts";
import { callWords, placeOf } from "./call-words.ts";
import type { Facts, MeasureParts } from "./facts.ts";
import { type Measurement, toMeasurement } from "./measurements.ts";
import type { ReceivedNotice } from "./notice-listener.ts";
import { watchedFields } from "./open-questions.ts";
import { parseJson, type Seen } from "./recorded-connections.ts";

/** What follows from what was seen of a call, whichever way it went. */
export async function* judge(parts: MeasureParts, facts: Facts): AsyncGenerator<Measurement> {
  yield found(facts);
  yield course(parts, facts);
  yield ring(parts, facts);
  yield stop(parts, facts);
  yield await notice(parts, facts);
  yield end(facts);
  yield once(parts, facts);
  yield limits(parts);
  yield answers(parts, facts);
  yield fields(parts, facts);
}

function found({ foundAt, wasAliveWhenFound, answeredAt, sentAt, rangAt }: Facts): Measurement {
  if (!foundAt) return toMeasurement("found", "fail", "never, until a minute after its end");
  const seconds = secondsFrom(answeredAt ?? sentAt, foundAt);
  const where = wasAliveWhenFound ? "while it was in progress" : "only when it was over";
  const ringing = rangAt ? `, ${foundAt < rangAt ? "before" : "after"} the phone rang` : "";
  return toMeasurement(
    "found",
    wasAliveWhenFound ? "pass" : "fail",
    `${seconds} s after the answer, ${where}${ringing}`,
  );
}

function course({ seen }: MeasureParts, { sentAt }: Facts): Measurement {
  const steps: string[] = [];
  let last = "";
  for (const { body, answeredAt, status = 0 } of seen) {
    const words = status >= 200 && status < 300 ? callWords(body).join(" ") : "";
    if (words === "" || words === last) continue;
    last = words;
    steps.push(`${secondsFrom(sentAt, answeredAt)} s ${words}`);
  }
  return steps.length === 0
    ? toMeasurement("course", "fail", "no word for it in any answer")
    : toMeasurement("course", "pass", steps.join("; "));
}

function ring({ platform }: MeasureParts, { sentAt, rangAt }: Facts): Measurement {
  if (!rangAt) return toMeasurement("ring", "not_measured", "nobody pressed Enter when it rang");
  const isInTime = rangAt.getTime() - sentAt.getTime() <= platform.ringsWithinMs;
  return toMeasurement("ring", isInTime ? "pass" : "fail", `${secondsFrom(sentAt, rangAt)} s`);
}

function stop({ toStop, platform }: MeasureParts, { rangAt, stop: sent, end: known, endToldAt }: Facts): Measurement {
  if (!toStop)
    return toMeasurement("stop", "not_measured", "it was not asked for (--stop), or the platform documents none");
  if (!sent)
    return toMeasurement("stop", "not_measured", rangAt ? "the call was over" : "nobody pressed Enter when it rang");
  const outcome = known?.state === "ended" ? `ended as ${known.result.outcome}` : "no end of it was told";
  const after = endToldAt ? `, ${secondsFrom(sent.at, endToldAt)} s later` : "";
  const isTaken = sent.status >= 200 && sent.status < 300;
  return toMeasurement(
    "stop",
    isTaken ? "pass" : "fail",
    `${platform.name} answered ${sent.status || "nothing"}; ${outcome}${after}`,
  );
}

async function notice({ notices, carrier, call }: MeasureParts, { sentAt }: Facts): Promise<Measurement> {
  if ("whyNot" in notices) return toMeasurement("notice", "not_measured", notices.whyNot);
  if (notices.received.length === 0)
    return toMeasurement(
      "notice",
      "not_measured",
      "none came within 30 s after the end; set the platform's webhook URL if you want them",
    );
  const toTold = async (received: ReceivedNotice) => {
    const isGenuine = carrier.notices?.isGenuine(received) ?? false;
    const isOurs = (await carrier.notices?.subjectOf(received)) === call.token;
    const words = `${secondsFrom(sentAt, received.at)} s: ${isGenuine ? "signed as it should be" : "NOT signed with what is set"}, ${isOurs ? "about this call" : "about no call of ours"}`;
    return { words, isGenuine, isRight: isGenuine && isOurs };
  };
  const told = await Promise.all(notices.received.map(toTold));
  const isRight = told.every(({ isGenuine }) => isGenuine) && told.some(({ isRight: one }) => one);
  return toMeasurement("notice", isRight ? "pass" : "fail", told.map(({ words }) => words).join("; "));
}

function end({ end: known, endToldAt, sentAt }: Facts): Measurement {
  if (!known || !endToldAt) return toMeasurement("end", "fail", "no end was told in 12 minutes; the call may go on");
  const seconds = secondsFrom(sentAt, endToldAt);
  switch (known.state) {
    case "ended":
      return toMeasurement("end", "pass", `${seconds} s after it was sent: ${describeEnd(known.result)}`);
    case "not_now":
      return toMeasurement("end", "fail", `${seconds} s after it was sent: it never rang, ${toReason(known.why)}`);
    case "cannot_tell":
      return toMeasurement("end", "fail", `nobody can tell after ${seconds} s: such a recipient is unknown`);
    case "not_placed":
    case "ongoing":
      return toMeasurement("end", "fail", `${known.state} after ${seconds} s`);
  }
}

function describeEnd(result: CallResult): string {
  const { outcome, reason, startedAt, endedAt, talkMs, transcript, summary, answers, details } = result;
  const parts = { transcript, summary, answers: answers?.length ? answers : undefined, cost: details?.cost };
  const has = Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [] : [name]));
  const why = reason === undefined ? "" : ` (${reason})`;
  const times = `${startedAt.toISOString()} to ${endedAt.toISOString()}, talk ${talkMs / 1000} s`;
  return `${outcome}${why}, ${times}; with it came ${has.length === 0 ? "nothing more" : has.join(", ")}`;
}

function once({ seen }: MeasureParts, { shown, rings }: Facts): Measurement {
  const requests = seen.filter(({ isCreate }) => isCreate).length;
  const rang = rings === undefined ? "nobody counted the rings" : `${counted(rings, "ring")} counted`;
  const came = `${requests} request, ${counted(shown, "call")} shown, ${rang}`;
  const isWrong = requests > 1 || shown > 1 || (rings ?? 0) > 1;
  return toMeasurement("once", isWrong ? "fail" : rings === undefined ? "not_measured" : "pass", came);
}

const limitName = /limit|remaining|quota|concurren|retry-after/i;

function limits({ seen }: MeasureParts): Measurement {
  const told = new Map(seen.flatMap(({ headers, body }) => [...Object.entries(headers), ...plainFields(body)]));
  const shown = [...told].flatMap(([name, value]) =>
    limitName.test(name) ? [plainText(`${name}: ${value}`, 100)] : [],
  );
  return toMeasurement("limits", "pass", shown.join("; ") || "none");
}

/** Numbers and flags of an object and of the objects in it, by name. */
function plainFields(body: unknown): readonly (readonly [string, string])[] {
  if (!isObject(body)) return [];
  return Object.entries(body).flatMap(([name, value]) =>
    typeof value === "number" || typeof value === "boolean" ? [[name, String(value)] as const] : plainFields(value),
  );
}

function answers({ seen }: MeasureParts, { troubles }: Facts): Measurement {
  const failures = new Set(seen.flatMap((one) => (isAsDocumented(one) ? [] : [describeFailure(one)])));
  const wrong = [...troubles, ...failures];
  const call = seen.findLast(({ body, isCreate }) => !isCreate && callWords(body).length > 0)?.body;
  const fields = isObject(call) ? `fields of the call: ${Object.keys(call).join(", ")}` : "the call was never shown";
  return toMeasurement("answers", wrong.length === 0 ? "pass" : "fail", [...wrong, plainText(fields, 1000)].join("; "));
}

/** When and where each field and list that the platform's page asks about first came, in answers and in notices. */
function fields({ seen, notices, kind }: MeasureParts, { sentAt }: Facts): Measurement {
  const { fields: names, lists = [] } = watchedFields[kind];
  const received = "received" in notices ? notices.received : [];
  const noticed = received.map(({ at, bodyText }) => ({ at, body: parseJson(bodyText) }));
  const told = (ofCreate: boolean) =>
    seen.flatMap(({ isCreate, answeredAt: at, body }) => (isCreate === ofCreate ? [{ at, body }] : []));
  const firstOf = (name: string, among: readonly { readonly at: Date; readonly body: unknown }[]) => {
    const places = new Map<string, number>();
    for (const { at, body } of among) {
      const place = placeOf(body, name);
      if (place !== undefined && !places.has(place)) places.set(place, secondsFrom(sentAt, at));
    }
    const told = [...places].map(([place, seconds]) => `${seconds} s at ${plainText(place, 100)}`);
    return told.length === 0 ? undefined : told.join(" and ");
  };
  const inCreate = (name: string) => {
    const first = firstOf(name, told(true));
    return first && `${first} of the answer to the request, and later never`;
  };
  const words = names.map((name) => {
    const inNotice = received.length === 0 ? "" : `, in a notice ${firstOf(name, noticed) ?? "never"}`;
    return `${name} ${firstOf(name, told(false)) ?? inCreate(name) ?? "never"}${inNotice}`;
  });
  const listed = lists.map((list) => {
    const first = seen.find(({ path, body }) => path.includes(`/${list}`) && hasRow(body));
    return `a row of ${list} ${first ? `${secondsFrom(sentAt, first.answeredAt)} s` : "never"}`;
  });
  return toMeasurement("fields", "pass", [...words, ...listed].join("; "));
}

function hasRow(body: unknown): boolean {
  return isObject(body) && Array.isArray(body["data"]) && body["data"].length > 0;
}

/** A call that is not known yet is a documented answer. */
function isAsDocumented({ status, body }: Seen): boolean {
  const isKnownMiss = status === 404 || status === 422;
  return status !== undefined && (isKnownMiss || (status < 300 && (body !== undefined || status === 204)));
}

function describeFailure({ method, status, failure, isCreate }: Seen): string {
  const what = isCreate ? "the request that makes the call" : `a ${method} that asks`;
  return status === undefined
    ? `${what}: no answer (${failure})`
    : `${what}: HTTP ${status}, not in the documented form`;
}

/** To a tenth of a second. */
function secondsFrom(from: Date, to: Date): number {
  return Math.round((to.getTime() - from.getTime()) / 100) / 10;
}
