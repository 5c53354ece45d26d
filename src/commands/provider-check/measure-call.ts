import { toReason } from "../../contract/bridge.ts";
import type { Facts, MeasureParts } from "./facts.ts";
import { judge } from "./judge.ts";
import { type MeasuredName, type Measurement, measuredAfter, notMeasured, toMeasurement } from "./measurements.ts";
import type { Seen } from "./recorded-connections.ts";

/** Longer than a call that was never shown is waited for (ten minutes). */
const longestMs = 12 * 60_000;
const soonMs = 60_000;
const noticeWithinMs = 30_000;
const lastLooksMs = 60_000;

type Run = MeasureParts & { readonly facts: Facts };

/**
 * Places one call and measures what the documents of a platform leave open (docs/providers), and yields each measurement when all is
 * over. Sends one request that makes a phone ring, whatever is answered, and never another.
 */
export async function* measureCall(parts: MeasureParts): AsyncGenerator<Measurement> {
  const run: Run = { ...parts, facts: { sentAt: parts.clock.now(), shown: 0, troubles: new Set() } };
  const waiting = new AbortController();
  const rang = run.person.rang(waiting.signal).then((isRinging) => {
    if (isRinging) run.facts.rangAt = run.clock.now();
  });
  try {
    const { measurement, mayRing } = await create(run);
    yield measurement;
    if (!mayRing) return yield* rest("created", "nobody was called");
    await follow(run);
  } finally {
    waiting.abort();
    await rang;
  }
  const rings = await run.person.countRings();
  if (rings !== undefined) run.facts.rings = rings;
  yield* judge(run, run.facts);
  for (const [check, why] of notMeasured) yield toMeasurement(check, "not_measured", why);
}

function* rest(after: MeasuredName, why: string): Generator<Measurement> {
  for (const name of measuredAfter(after)) yield toMeasurement(name, "not_measured", why);
}

/** Sends the one request. `mayRing` is false only where it is certain that no phone rings. */
async function create(run: Run): Promise<{ readonly measurement: Measurement; readonly mayRing: boolean }> {
  const { carrier, call, held, sends, seen, clock, facts } = run;
  const none = (came: string) => ({ measurement: toMeasurement("created", "fail", came), mayRing: false });
  let doubt: unknown;
  const answer = await carrier.dial(call, held).catch((error: unknown) => {
    doubt = error;
  });
  facts.answeredAt = clock.now();
  const came = describe(seen.find(({ isCreate }) => isCreate));
  switch (answer?.kind) {
    case "withdrawn":
      return none("it was not sent: calls were stopped, or the number was listed, meanwhile");
    case "hold":
      return none(`${came}: ${withoutBatch(answer.reason)}`);
    case "not_now":
      return none(`${came}: no room now, ${toReason(answer.why)}`);
    case "taken": {
      const found = await sends.find(call.token);
      if (found?.send.state === "refused") return none(`${came}: refused, ${toReason(found.send.reason)}`);
      return { measurement: toMeasurement("created", "pass", `${came}: taken`), mayRing: true };
    }
    case undefined: {
      const why = doubt instanceof Error ? doubt.message : String(doubt);
      const open = `${came}: ${toReason(why)}. It is looked for, and not sent again`;
      return { measurement: toMeasurement("created", "fail", open), mayRing: true };
    }
  }
}

function describe(seen: Seen | undefined): string {
  if (!seen) return "nothing was sent";
  const seconds = (seen.answeredAt.getTime() - seen.sentAt.getTime()) / 1000;
  return seen.status === undefined
    ? `no answer after ${seconds} s (${seen.failure})`
    : `HTTP ${seen.status} after ${seconds} s`;
}

/** Looks at the call until its end is told, and at the list and for notices a little longer. */
async function follow(run: Run): Promise<void> {
  const { carrier, call, clock, facts, notices, pause } = run;
  const elapsedMs = () => clock.now().getTime() - facts.sentAt.getTime();
  for (;;) {
    const known = await attempt(run, () => carrier.lookUp(call.token));
    if (known && known.state !== "ongoing" && !facts.end) {
      facts.end = known;
      facts.endToldAt = clock.now();
    }
    await find(run, known?.state === "ongoing");
    await stop(run);
    const overMs = facts.endToldAt && clock.now().getTime() - facts.endToldAt.getTime();
    const isHeard = !("received" in notices) || notices.received.length > 0 || (overMs ?? 0) >= noticeWithinMs;
    const isShown = facts.foundAt !== undefined || (overMs ?? 0) >= lastLooksMs;
    if ((overMs !== undefined && isHeard && isShown) || elapsedMs() >= longestMs) return;
    await pause(elapsedMs() < soonMs ? 1_000 : 3_000);
  }
}

/** By our reference alone, as after a lost answer. */
async function find(run: Run, isAlive: boolean): Promise<void> {
  const { platform, ask, sends, call, numberId, clock, facts } = run;
  if (facts.foundAt && facts.end === undefined) return;
  const found = await sends.find(call.token);
  if (!found) return;
  const { reference, sentAt } = found.send;
  const sought = {
    reference,
    token: call.token,
    fromNumber: call.fromNumber,
    toNumber: call.toNumber,
    ...(sentAt && { sentAt }),
    ...(numberId !== undefined && { numberId }),
  };
  const ids = (await attempt(run, () => platform.find(sought, ask))) ?? [];
  facts.shown = Math.max(facts.shown, ids.length);
  if (facts.foundAt || ids.length === 0) return;
  facts.foundAt = clock.now();
  facts.wasAliveWhenFound = isAlive;
}

async function stop({ toStop, facts, sends, call, ask, clock, ...run }: Run): Promise<void> {
  if (!toStop || !facts.rangAt || facts.stop || facts.end) return;
  const callId = (await sends.find(call.token))?.send.providerId;
  if (callId === undefined) return;
  const at = clock.now();
  const answer = await attempt({ ...run, facts }, () => ask(toStop(callId)));
  facts.stop = { at, status: answer?.status ?? 0 };
}

/** Undefined where the platform did not answer, or not as it documents. */
async function attempt<T>({ facts }: Pick<Run, "facts">, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const isForm = error instanceof Error && error.name === "ZodError";
    facts.troubles.add(isForm ? "an answer in another form than documented" : (toReason(String(error)) ?? "no words"));
    return undefined;
  }
}

/** What the service says of a batch that it holds, where there is none. */
function withoutBatch(reason: string): string {
  return reason
    .replace(" of this batch", "")
    .replaceAll("the batch's", "this call's")
    .replace(" Then resume the batch.", " Then run this command again.");
}
