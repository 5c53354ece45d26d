import { randomUUID } from "node:crypto";
import type { z } from "zod";
import { lookUpBody, outcomeBody } from "../../contract/bridge.ts";
import { fromAnswersBody } from "../../contract/call-answers.ts";
import { parseWith } from "../../contract/fields.ts";
import { readCallBack } from "../../domain/said.ts";
import type { Secret } from "../../domain/secret.ts";
import type { Clock } from "../../lib/clock.ts";
import {
  type BridgeConnection,
  isSigned,
  type LookUp,
  readDialAnswer,
  readLookUpAnswer,
} from "../../service/carriers/index.ts";
import { type CheckName, checksAfter, type Finding, toFinding } from "./findings.ts";
import { createProbe, describeHeard, type Heard, type Probe, type TestCall, wrongSignings } from "./probe.ts";
import type { ReportListener } from "./report-listener.ts";

export type CheckParts = {
  readonly connection: BridgeConnection;
  readonly secret: Secret;
  readonly clock: Clock;
  readonly call: TestCall;
  /** Where the call's `callbackUrl` leads. */
  readonly listener?: Pick<ReportListener, "about">;
  /** True where a bridge that sends no report is wrong, because the operator has set it up to report. */
  readonly mustReport: boolean;
  /** Has the operator restart the bridge; false when nobody did. */
  readonly restart: () => Promise<boolean>;
  /** Asks the person beside the phone; undefined when nobody can tell. */
  readonly countRings: () => Promise<number | undefined>;
  /** Lets that many ms pass. Rejects when the check is to stop. */
  readonly pause: (ms: number) => Promise<void>;
};

const betweenLookUpsMs = 3_000;
const longestCallMs = 5 * 60_000;
const reportWithinMs = 30_000;
const settleMs = 5_000;

type End = {
  readonly outcome: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** What it tells of the person, each with whether the service can read it. */
  readonly said: readonly { readonly field: string; readonly isRead: boolean }[];
  /** As they came. */
  readonly answers: unknown;
};
type Run = CheckParts & { readonly probe: Probe; readonly token: string; readonly ends: End[] };

/**
 * Checks a bridge against docs/carriers.md with one call, and yields each finding when it is made. Nobody is called when
 * the bridge does not even answer the first look-up as it should.
 */
export async function* checkBridge(parts: CheckParts): AsyncGenerator<Finding> {
  const run: Run = { ...parts, probe: createProbe(parts), token: `check_${randomUUID()}:1`, ends: [] };
  const unknown = await unknownToken(run);
  yield unknown;
  if (unknown.verdict === "fail")
    return yield* notTried("unknown_token", "it does not answer as a bridge: nobody was called");
  yield await unsignedLookUps(run);
  yield await olderDial(run);
  yield await malformedBodies(run);
  const dialed = await firstDial(run);
  yield dialed;
  if (dialed.verdict === "fail" && !(await isKnown(run))) return yield* notTried("first_dial", "there is no call");
  yield await knownToken(run);
  yield await repeats(run);
  yield await unsignedDials(run);
  yield await end(run);
  yield await report(run);
  yield await onceMore("after_the_end", run);
  yield await afterRestart(run);
  yield oneEnd(run);
  yield said(run);
  yield answers(run);
  yield await rings(run);
  yield answerTime(run);
}

function* notTried(after: CheckName, why: string): Generator<Finding> {
  for (const name of checksAfter(after)) yield toFinding(name, "not_tried", why);
}

function judge(check: CheckName, isRight: boolean, came: string): Finding {
  return toFinding(check, isRight ? "pass" : "fail", came);
}

async function unknownToken({ probe, token, clock }: Run): Promise<Finding> {
  const heard = await probe.lookUp(token);
  return judge("unknown_token", stateOf(heard, clock) === "not_placed", describeHeard(heard));
}

async function unsignedLookUps({ probe, token }: Run): Promise<Finding> {
  // A token of its own: a bridge that takes them promises not to call for it until the time of their stamps.
  return wronglySigned("unsigned_look_ups", (signing) => probe.lookUp(`${token}:unsigned`, signing));
}

async function olderDial({ probe, token, clock }: Run): Promise<Finding> {
  const heard = await probe.dial(probe.body(token), "older");
  const after = await probe.lookUp(token);
  const isRight = statusOf(heard) === 425 && stateOf(after, clock) === "not_placed";
  return judge("not_placed_promise", isRight, `${describeHeard(heard)}, and its look-up then ${describeHeard(after)}`);
}

async function malformedBodies({ probe, token, clock }: Run): Promise<Finding> {
  const withoutNumber = `${token}:malformed`;
  const bodies: [what: string, body: string][] = [
    ["cut short", probe.body(`${token}:cut`).slice(0, -1)],
    ["a list", "[]"],
    ["no token", probe.body(token, { token: undefined })],
    ["an empty token", probe.body("")],
    ["no number", probe.body(withoutNumber, { to_number: undefined })],
  ];
  const wrong: string[] = [];
  for (const [what, body] of bodies) {
    const heard = await probe.dial(body);
    if (![400, 413, 422].includes(statusOf(heard) ?? 0)) wrong.push(`${what}: ${describeHeard(heard)}`);
  }
  const after = await probe.lookUp(withoutNumber);
  const state = stateOf(after, clock);
  if (state !== "not_placed" && state !== "ended") wrong.push(`no number, then its look-up: ${describeHeard(after)}`);
  return judge("malformed_bodies", wrong.length === 0, wrong.join("; ") || "refused, all of them");
}

async function firstDial({ probe, token }: Run): Promise<Finding> {
  const body = probe.body(token);
  const copies = await Promise.all([probe.dial(body), probe.dial(body), probe.dial(body)]);
  return judge("first_dial", copies.every(isTaken), copies.map(describeHeard).join(", "));
}

/** Whether there may be a call in spite of what the dials were answered. */
async function isKnown({ probe, token, clock }: Run): Promise<boolean> {
  const state = stateOf(await probe.lookUp(token), clock);
  return state === "ongoing" || state === "ended";
}

async function knownToken({ probe, token, clock }: Run): Promise<Finding> {
  const heard = await probe.lookUp(token);
  const state = stateOf(heard, clock);
  return judge("known_token", state === "ongoing" || state === "ended", describeHeard(heard));
}

async function repeats({ probe, token }: Run): Promise<Finding> {
  const heard = [await probe.dial(probe.body(token)), await probe.dial(probe.body(token))];
  return judge("repeats", heard.every(isTaken), heard.map(describeHeard).join(", "));
}

async function unsignedDials({ probe, token }: Run): Promise<Finding> {
  return wronglySigned("unsigned_dials", (signing) => probe.dial(probe.body(token), signing));
}

async function wronglySigned(
  check: CheckName,
  send: (signing: (typeof wrongSignings)[number]) => Promise<Heard>,
): Promise<Finding> {
  const taken: string[] = [];
  for (const signing of wrongSignings) {
    const heard = await send(signing);
    if (statusOf(heard) !== 401) taken.push(`${signing}: ${describeHeard(heard)}`);
  }
  return judge(check, taken.length === 0, taken.join("; ") || "401 to each");
}

async function end({ probe, token, clock, pause, ends }: Run): Promise<Finding> {
  const giveUpAtMs = clock.monotonicMs() + longestCallMs;
  for (;;) {
    const heard = await probe.lookUp(token);
    const state = stateOf(heard, clock);
    if (state === "ended") {
      ends.push(...endIn(heard));
      return judge("end", true, ends[0]?.outcome ?? "");
    }
    if (state !== "ongoing") return judge("end", false, describeHeard(heard));
    if (clock.monotonicMs() >= giveUpAtMs) return judge("end", false, "ongoing, for 5 minutes");
    await pause(betweenLookUpsMs);
  }
}

async function report({ listener, token, secret, clock, pause, mustReport, ends }: Run): Promise<Finding> {
  if (!listener) {
    const why = "no address here that this bridge can reach: set BATCH_CALL_CARRIER_CALLBACK_URL, and stop the service";
    return toFinding("report", "not_tried", why);
  }
  for (let waitedMs = 0; waitedMs < reportWithinMs && listener.about(token).length === 0; waitedMs += 1_000)
    await pause(1_000);
  await pause(settleMs);
  const reports = listener.about(token);
  if (reports.length === 0) {
    const came = `none within ${reportWithinMs / 1000} s after the end`;
    return mustReport
      ? judge("report", false, came)
      : toFinding("report", "not_tried", `${came}; the service asks instead`);
  }
  const wrong = new Set<string>();
  for (const { bodyText, header } of reports) {
    const parsed = parseWith(outcomeBody, jsonOf(bodyText));
    if (!isSigned(secret, bodyText, header, clock.now())) wrong.add("its signature or its time is wrong");
    if (parsed.ok) ends.push(toEnd(parsed.value));
    else wrong.add(parsed.issues.map(({ field, message }) => `${field}: ${message}`).join(" "));
  }
  return judge("report", wrong.size === 0, [...wrong].join("; ") || `${reports.length}, signed`);
}

async function afterRestart(run: Run): Promise<Finding> {
  if (await run.restart()) return onceMore("after_a_restart", run);
  return toFinding(
    "after_a_restart",
    "not_tried",
    "nobody restarted it; a bridge that forgets then calls people again",
  );
}

async function onceMore(
  check: "after_the_end" | "after_a_restart",
  { probe, token, clock, ends }: Run,
): Promise<Finding> {
  const dialed = await probe.dial(probe.body(token));
  const known = await probe.lookUp(token);
  ends.push(...endIn(known));
  const isRight = isTaken(dialed) && stateOf(known, clock) === "ended";
  return judge(check, isRight, `${describeHeard(dialed)}, then ${describeHeard(known)}`);
}

function oneEnd({ ends }: Run): Finding {
  const told = new Set(
    ends.map(({ outcome, startedAt, endedAt }) => {
      const [from, to] = [new Date(startedAt), new Date(endedAt)];
      return `${outcome} from ${from.toISOString()} to ${to.toISOString()}`;
    }),
  );
  if (told.size === 0) return toFinding("one_end", "not_tried", "no end was told");
  return judge("one_end", told.size === 1, [...told].join("; "));
}

function said({ ends }: Run): Finding {
  const told = ends.flatMap((one) => one.said);
  if (told.length === 0) return toFinding("said", "not_tried", "none of them was told");
  const wrong = new Set(told.filter(({ isRead }) => !isRead).map(({ field }) => `${field} cannot be read`));
  return judge(
    "said",
    wrong.size === 0,
    [...wrong].join("; ") || [...new Set(told.map(({ field }) => field))].join(", "),
  );
}

function answers({ ends }: Run): Finding {
  const told = ends.map((end) => end.answers).filter((body) => body !== undefined && body !== null);
  if (told.length === 0) return toFinding("answers", "not_tried", "none were told, and none need be");
  const counts = told.map((body) => fromAnswersBody(body).length);
  const isEmpty = (body: unknown): boolean => typeof body === "object" && Object.keys(body ?? {}).length === 0;
  const isRight = told.every((body, index) => isEmpty(body) || (counts[index] ?? 0) > 0);
  return judge("answers", isRight, `${Math.max(...counts)} that can be read`);
}

async function rings({ countRings, ends }: Run): Promise<Finding> {
  const count = await countRings();
  if (count === undefined) {
    const why = "nobody counted; if the phone rang more than once, this bridge calls people again";
    return toFinding("rings", "not_tried", why);
  }
  // A call that is turned down or meets a busy line rings nowhere.
  const canBeSilent = ends[0] !== undefined && ends[0].outcome !== "answered";
  return judge("rings", count === 1 || (count === 0 && canBeSilent), `${count}`);
}

function answerTime({ probe }: Run): Finding {
  return judge("answer_time", probe.slowestMs() < 10_000, `${probe.slowestMs()} ms at most`);
}

function statusOf(heard: Heard): number | undefined {
  return heard.kind === "answer" ? heard.answer.status : undefined;
}

/** What the service would understand; undefined where it would not take the answer for the bridge's word. */
function stateOf(heard: Heard, clock: Clock): LookUp["state"] | undefined {
  if (heard.kind === "silence") return undefined;
  try {
    return readLookUpAnswer(heard.answer, clock.now()).state;
  } catch {
    return undefined;
  }
}

function isTaken(heard: Heard): boolean {
  if (heard.kind === "silence") return false;
  try {
    return readDialAnswer(heard.answer).kind === "taken";
  } catch {
    return false;
  }
}

function endIn(heard: Heard): End[] {
  const parsed = parseWith(lookUpBody, heard.kind === "answer" ? jsonOf(heard.answer.text) : undefined);
  return parsed.ok && parsed.value.state === "ended" ? [toEnd(parsed.value)] : [];
}

type EndBody = Omit<z.output<typeof outcomeBody>, "token">;

function toEnd(body: EndBody): End {
  const { outcome, started_at, ended_at, answers } = body;
  const times = { startedAt: Date.parse(started_at), endedAt: Date.parse(ended_at) };
  return { outcome, ...times, answers, said: saidIn(body) };
}

function saidIn({ opt_out, wrong_number, message_left, call_back_at }: EndBody): End["said"] {
  const flags = Object.entries({ opt_out, wrong_number, message_left }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  const told = flags.map(([field, value]) => ({ field, isRead: typeof value === "boolean" }));
  if (call_back_at == null) return told;
  return [...told, { field: "call_back_at", isRead: readCallBack(call_back_at, () => ["UTC"]) !== undefined }];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
