import type { Answer } from "./batch/answers.ts";
import type { Outcome } from "./batch/batch.ts";
import { maskNumber } from "./phone/mask.ts";
import { toTodaysNumber } from "./phone/phone-number.ts";
import type { RetryDecision } from "./retry-rules.ts";
import { plainText } from "./text.ts";
import { reachedOnAll } from "./time/recipient-hours.ts";
import { toWallTime } from "./time/zone.ts";

/** What a person said on the phone that the service acts upon by itself. */
export type Said = {
  /** Is not to be called any more, by nobody of the organization. */
  readonly optOut?: true;
  /** With `optOut`: the words, where it is for a person to judge whether they are one. Until somebody has, they are. */
  readonly unclearOptOut?: string;
  /** Whoever answered is not the person who was to be called. */
  readonly wrongNumber?: true;
  /** When they are to be called again, as it was told: see `readCallBack`. */
  readonly callBackAt?: string;
};

// Letters only. Closed: whatever else holds these words (`opt_out_explained`) means something else.
const who = "(?:is|has|was|user|customer|caller|callee|contact|client|lead|person|recipient)?(?:has)?";
const asks = "(?:asked|asks|requested|requests|wants|wish|wishes|wanted)?(?:for|to(?:be)?)?";
const optOutWords = [
  "opt(?:s|ed|ing)?out",
  "(?:do|did)?(?:not|nt)(?:call|contact|disturb)(?:again|anymore|list)?",
  "don(?:ot|t)(?:call|contact)(?:again|anymore|me)?(?:list)?",
  "donotcall(?:again|anymore|list)?",
  "(?:addto)?dnc(?:list)?",
  "nevercallagain|nomorecalls|nofurther(?:calls|contact)",
  "remov(?:e|ed|al)(?:me)?from(?:the|our|call|calling|contact)*list",
  "removeme|removal(?=request)|(?<=requested|wants)removal",
  "stop(?:calling|calls|contact|contacting)(?:me)?",
  "unsubscribed?|unsubscription",
];
const isOptOutName = new RegExp(`^${who}${asks}(?:${optOutWords.join("|")})(?:request|requested|requests|flag)?$`);
const longestTime = 60;

/** Whether an answer of this name tells whether somebody wants no more calls: `opt_out`, `Opted out?`, `do_not_call`, `analysis.dnc`. */
export function namesOptOut(name: string): boolean {
  return isOptOutName.test(toPlainName(name));
}

/**
 * What a report or the answers of a call say under these names, however they are written: `opt_out` and what else means that,
 * `wrong_number`, `call_back_at`. Of a wrong number only a clear yes counts (true, 1, a text that begins with yes or true): a model writes
 * `false`, `unknown` and whole sentences as well. Of an opt-out everything counts that is not a plain no, see `readOptOut`. Undefined where
 * nothing is said.
 */
export function readSaid(told: Readonly<Record<string, unknown>>): Said | undefined {
  return readSaidIn(Object.entries(told));
}

function readSaidIn(told: readonly (readonly [name: string, value: unknown])[]): Said | undefined {
  const named = told.map(([name, value]) => [toPlainName(name), value] as const);
  const callBackAt = named.find(([name, value]) => name === "callbackat" && isText(value))?.[1];
  const optOuts = named.filter(([name]) => isOptOutName.test(name)).map(([, value]) => value);
  const said: Said = {
    ...readOptOuts(optOuts),
    ...(named.some(([name, value]) => name === "wrongnumber" && isYes(value)) && { wrongNumber: true }),
    ...(isText(callBackAt) && { callBackAt: toShown(callBackAt) }),
  };
  return Object.keys(said).length > 0 ? said : undefined;
}

/** One clear yes is enough, then one that is not a clear no. */
function readOptOuts(values: readonly unknown[]): Pick<Said, "optOut" | "unclearOptOut"> {
  if (values.some((value) => readOptOut(value) === "yes")) return { optOut: true };
  const unclear = values.find((value) => readOptOut(value) === undefined);
  if (unclear === undefined) return {};
  return { optOut: true, unclearOptOut: toShown(typeof unclear === "string" ? unclear : JSON.stringify(unclear)) };
}

/** What was said in a call, told as such or found out as an answer of that name; as it was told where both speak of the same. */
export function saidIn({ said, answers = [] }: { said?: Said; answers?: readonly Answer[] }): Said | undefined {
  const found = readSaidIn(answers.map(({ name, value }) => [name, value] as const));
  if (!said || !found) return said ?? found;
  const { unclearOptOut, ...both } = { ...found, ...said };
  const isClear = [found, said].some((one) => one.optOut && one.unclearOptOut === undefined);
  return isClear || unclearOptOut === undefined ? both : { ...both, unclearOptOut };
}

/** One short line in which no phone number can be read: it is shown to people. A time is none, however many digits its seconds have. */
function toShown(text: string): string {
  if (timeForm.test(text.trim())) return text.trim().slice(0, longestTime);
  return plainText(text, longestTime).replace(/\+?\d{7,}/g, maskNumber);
}

/** The letters of a name: `optOut`, `Opt-Out` and `opt out?` are `optout`. Of a path such as `analysis.opt_out` those of its last part. */
function toPlainName(name: string): string {
  const last = name.split(".").findLast((part) => /[a-z]/i.test(part)) ?? "";
  return last.toLowerCase().replace(/[^a-z]+/g, "");
}

/** Without what a model wraps words in: `"**Yes**"`, `"\"no\""`. */
function bare(text: string): string {
  const wrapping = "[\\s\"'“”‘’«»`*_.!()\\[\\]]+";
  return text
    .replace(/\s+/g, " ")
    .replace(/[’‘]/g, "'")
    .replace(new RegExp(`^${wrapping}|${wrapping}$`, "g"), "");
}

/** Only a clear yes: models write `false`, `unknown` and whole sentences as well. */
export function isYes(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === "string" && /^(yes|true|y|1)\b/i.test(bare(value)));
}

// Whole texts: within a sentence the same words may say the opposite.
const again = "(?: (?:again|any ?more))?";
const optsOut = [
  "(?:was |is )?(?:requested|asked for)",
  "(?:opt(?:s|ed)?|opting)[ _-]?out(?: requested)?",
  `(?:please )?(?:do[ _-]?not|don'?t|never|stop|no)[ _-]?(?:call|contact|calling|more calls)(?:[ _-](?:me|list))?${again}`,
  "(?:please )?(?:stop|dnc|unsubscribed?|removed?)(?: me)?(?: from (?:the|your) list)?",
  `(?:has |they )?(?:asked|requested|wants?|wishes) (?:not to be (?:called|contacted)${again}|no more calls|to (?:opt out|be removed|unsubscribe)|removal|opt[ _-]?out)`,
  `not to be (?:called|contacted)${again}`,
];
const isOptingOut = new RegExp(`^(?:${optsOut.join("|")})$`, "i");

// Whole texts as well, and closed: "No, please do not call me again" begins with a no.
const optOutNoun = "(?:an? |any |the )?(?:opt[ _-]?out|removal|request|dnc)(?: request)?";
const askedTo = "(?:to )?(?:opt(?:ed)?[ _-]?out|be removed(?: from (?:the|our|your|any) list)?|unsubscribe)";
const didNot = "(?:(?:did|has|have|was|is)(?: not|n't)|never|not)";
const spoke =
  "(?:ask(?:ed)?|request(?:ed)?|mention(?:ed)?|state[d]?|sa(?:y|id)|discuss(?:ed)?|want(?:ed)?|wish(?:ed)?)";
const person = "(?:(?:they|he|she|it|(?:the )?(?:customer|caller|person|user|recipient|client|contact)) )?";
const denies = `${person}${didNot} (?:been )?(?:${spoke}(?: (?:it|this|that|so|for|for it|for this|(?:for )?${optOutNoun}|${askedTo}))?|${askedTo}|applicable)`;
const plainNo = "(?:no|n|nope|false|0|none|nein|non|nee|nej|nei|não|nao)";
const saysNothing = "(?:null|nil|n\\/?a|unknown|undefined|-+|[–—])";
const lacks = `(?:no|not) ${optOutNoun}(?: (?:was )?(?:made|requested|asked for|mentioned))?`;
const isNotOptingOut = new RegExp(
  `^(?:|${saysNothing}|${plainNo}|(?:${plainNo} ?[,;:.(–—-]+ ?)?(?:${denies}|${lacks}))$`,
  "i",
);

/**
 * Whether an answer of that name is a wish not to be called any more; undefined where its words can mean either. Only a plain no is one:
 * whatever else begins with that word may be the wish itself.
 */
export function readOptOut(value: unknown): "yes" | "no" | undefined {
  if (isYes(value)) return "yes";
  if (value === false || value === 0 || value === null || value === undefined) return "no";
  if (Array.isArray(value) && value.length <= 1) return readOptOut(value[0]);
  if (typeof value === "object" && "value" in value) return readOptOut(value.value);
  if (typeof value !== "string") return undefined;
  const text = bare(value);
  if (isOptingOut.test(text)) return "yes";
  return isNotOptingOut.test(text) ? "no" : undefined;
}

/** The answers about an opt-out whose words can mean either. */
export function unclearOptOuts<T extends { readonly name: string; readonly value: string }>(
  answers: readonly T[],
): readonly T[] {
  return answers.filter(({ name, value }) => namesOptOut(name) && readOptOut(value) === undefined);
}

const nothing = /^\s*(|none|null|no|false|n\/?a|unknown)\s*$/i;

function isText(value: unknown): value is string {
  return typeof value === "string" && !nothing.test(value);
}

/** A time is told to the minute, and by another clock than ours: who asks to be called "in 30 seconds" is told with one that has passed. */
const justPassedMs = 5 * 60_000;

const timeForm = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2}(?:\.\d+)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Reads a time such as `2026-03-03T15:00-05:00`, or without an offset on the clocks of these IANA zones: the first instant at which all of
 * them show it or have shown it. Seconds count as the next minute: nobody is called earlier than they asked for. Undefined for any other text, and for a local time where nobody knows the zone.
 */
export function readCallBack(text: string, zones: () => readonly string[]): Date | undefined {
  const [, day, time, seconds, offset] = timeForm.exec(text.trim()) ?? [];
  if (day === undefined || time === undefined || !isDay(day, time)) return undefined;
  const at = toMinute(`${day}T${time}`, offset, zones);
  return at && Number(seconds ?? 0) > 0 ? new Date(at.getTime() + 60_000) : at;
}

function toMinute(time: string, offset: string | undefined, zones: () => readonly string[]): Date | undefined {
  if (offset === undefined) {
    const known = zones();
    return known.length === 0 ? undefined : reachedOnAll(time, known);
  }
  const at = new Date(`${time}${toOffset(offset)}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function isDay(day: string, time: string): boolean {
  const at = new Date(`${day}T${time}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(`${day}T${time}`);
}

function toOffset(text: string): string {
  return text.length === 5 ? `${text.slice(0, 3)}:${text.slice(3)}` : text.toUpperCase();
}

type AfterCall = {
  readonly outcome: Outcome;
  readonly endedAt: Date;
  /** Whether the rules leave another attempt to the number that was dialed. */
  readonly hasAttempt: boolean;
  /** Whether the recipient has a fallback number that was not called yet and may be. */
  readonly hasFallback: boolean;
  /** The instant from which on nobody agreed to calls; absent where that is not known. */
  readonly agreedUntil?: Date | undefined;
  readonly batchZone: string;
  readonly recipientZones: () => readonly string[];
};

/** `asked on the phone not to be called again`; `where` is a place in words, with a space at its end, or empty. */
export function optOutText(where: string, unclear: string | undefined): string {
  if (unclear === undefined) return `asked ${where}not to be called again`;
  return `may have asked ${where}not to be called again (${JSON.stringify(unclear)})`;
}

const wrongNumberWords = "a wrong number, which is not called again";

type Called = {
  readonly reason?: string;
  readonly dials?: readonly { readonly toNumber: string; readonly wrongNumber?: true }[];
};

/** Whether a reason tells that the number called last is not theirs. */
export function saysWrongNumber(reason: string): boolean {
  return reason.includes(`; ${wrongNumberWords}`);
}

/** Whether a reason tells that they asked not to be called again, or may have. */
export function saysOptedOut(reason: string): boolean {
  return (
    reason.includes(`; ${optOutText("", undefined)}`) || reason.includes("; may have asked not to be called again (")
  );
}

/** Whether the last call to this recipient ended with the word that the number is not theirs, by that call or by the reason of their task. */
export function isWrongNumber({ reason, dials }: Called): boolean {
  return dials?.at(-1)?.wrongNumber ?? reason?.endsWith(`; ${wrongNumberWords}`) ?? false;
}

/** The numbers of a recipient of which somebody who answered there said that they are not theirs, in today's form. */
export function wrongNumbersOf({ dials = [] }: Called): readonly string[] {
  const wrong = dials.filter(({ wrongNumber }) => wrongNumber).map(({ toNumber }) => toTodaysNumber(toNumber));
  return [...new Set(wrong)];
}

/**
 * What follows for a recipient from what was said, in place of what the rules say; undefined where they decide. Who asked not to be
 * called, or may have, is not. A number that is not theirs gets no other call; their fallback number is another one, and is called. A call back is the
 * next attempt, at the time that was asked for, or at once where that passed within five minutes before the call's end, as far as somebody
 * agreed to an attempt then: else there is none, and the reason says so.
 */
export function afterSaid(
  { optOut, unclearOptOut, wrongNumber, callBackAt }: Said,
  call: AfterCall,
): RetryDecision | undefined {
  const { outcome, endedAt, hasFallback } = call;
  const status = outcome === "answered" ? "completed" : "failed";
  if (optOut) return { kind: "final", status, reason: `${outcome}; ${optOutText("", unclearOptOut)}` };
  if (wrongNumber) {
    const reason = `${outcome}; ${wrongNumberWords}`;
    if (!hasFallback) return { kind: "final", status: "failed", reason };
    return { kind: "fallback", dueAt: endedAt, reason: `${reason}; the fallback number is called next` };
  }
  if (callBackAt === undefined) return undefined;
  const askedAt = readCallBack(callBackAt, call.recipientZones);
  const isJustPassed = askedAt && askedAt <= endedAt && endedAt.getTime() - askedAt.getTime() <= justPassedMs;
  const dueAt = isJustPassed ? endedAt : askedAt;
  const why = whyNotCalledBack(dueAt, call);
  if (dueAt === undefined || why !== undefined) {
    const reason = `${outcome}; asked to be called back at ${callBackAt}, and is not: ${why}`;
    return { kind: "final", status, reason };
  }
  const when = isJustPassed ? `${callBackAt}, which is as soon as may be` : toWords(dueAt, call.batchZone);
  return { kind: "retry", dueAt, reason: `asked to be called back at ${when}` };
}

function whyNotCalledBack(at: Date | undefined, { endedAt, hasAttempt, agreedUntil, batchZone }: AfterCall) {
  if (at === undefined) return "that is no time that can be read, or nobody knows their zone";
  if (at < endedAt) return `that time had passed when the call ended, at ${toWords(endedAt, batchZone)}`;
  if (!hasAttempt) return "no attempt is left of those that were agreed to";
  if (agreedUntil && at >= agreedUntil) return `nobody agreed to calls after ${toWords(agreedUntil, batchZone)}`;
  return undefined;
}

function toWords(at: Date, zone: string): string {
  return `${toWallTime(at, zone).replace("T", " ")} (${zone})`;
}
