import { silentLog } from "../../../src/lib/log.ts";
import { createCallNotices } from "../../../src/service/dialing/call-notices.ts";
import type { NoticeFate } from "../../../src/service/dialing/call-reports.ts";
import { nobody, noDialGuard } from "../../../src/service/dialing/dialing.ts";
import type { Store } from "../../../src/service/store/store.ts";
import { numberOf } from "../dialing/dialing-world.ts";
import type { StandInCall, StandInFault, StandInNotice } from "../platforms/stand-in.ts";
import { Random } from "../random.ts";
import { type PlatformName, PlatformWorld } from "./platform-world.ts";

const createFaults: readonly StandInFault[] = [
  "lost_request",
  "lost_answer",
  "silent_before",
  "silent_after",
  "late",
  "500_after",
  "no_room",
  "bare_403",
  400,
  429,
  500,
  503,
];
const readFaults = ["lost_request", 429, 500, 503] as const;
const outcomes = ["answered", "answered", "no_answer", "busy", "voicemail", "failed"] as const;
/** How a notice goes wrong, besides going well. */
const noticeFaults = ["doubled", "late", "forged", "old", "of_nobody", "lost"] as const;

export type PlatformStormReport = {
  people: number;
  /** Requests and notices that went wrong. */
  faults: number;
  kills: number;
  readonly byFault: Map<string, number>;
  readonly notices: Map<NoticeFate, number>;
  /** Tokens whose phone rang more often than once. */
  rungTwice: number;
  /** People of whom nothing is known at the end, and who wait for nothing. */
  lost: number;
  /** People with another outcome than their phone's. */
  wrong: number;
  /** People of whom nobody can know whether their phone rang: their request went astray. */
  unknown: number;
  /** People who are unknown though the platform shows their call, or who have an outcome though nothing shows one. */
  misjudged: number;
};

export type PlatformStormParts = {
  /** How many are called at a time: 40 unless given. */
  readonly peopleAtATime?: number;
  /** An empty one; without it each part of the run has one of its own in memory. */
  readonly store?: Store;
  /** Called while it goes on, with what has been counted by then. */
  readonly onProgress?: (soFar: PlatformStormReport) => void;
};

/** Calls people through faults of the platform, of the network, of its notices and of the process, until so many went wrong. */
export async function stormPlatform(
  name: PlatformName,
  faults: number,
  seed: number,
  { store, onProgress, peopleAtATime = 40 }: PlatformStormParts = {},
): Promise<PlatformStormReport> {
  const random = new Random(seed);
  const total: PlatformStormReport = {
    people: 0,
    faults: 0,
    kills: 0,
    byFault: new Map(),
    notices: new Map(),
    rungTwice: 0,
    lost: 0,
    wrong: 0,
    unknown: 0,
    misjudged: 0,
  };
  // On one store time goes on: a start that was missed would be held.
  for (let now = "2026-03-02T15:00:00Z"; total.faults < faults; ) {
    now = await callSome(name, total, random, { recipients: peopleAtATime, now, ...(store && { store }) });
    onProgress?.(total);
  }
  return total;
}

async function callSome(
  name: PlatformName,
  total: PlatformStormReport,
  random: Random,
  { recipients, ...setup }: { readonly recipients: number; readonly now: string; readonly store?: Store },
): Promise<string> {
  const world = await PlatformWorld.open(name, setup);
  const { standIn, clock } = world;
  const one = <T>(from: readonly T[]): T | undefined => from[random.below(from.length)];
  const note = (fault: string): void => {
    total.faults += 1;
    total.byFault.set(fault, (total.byFault.get(fault) ?? 0) + 1);
  };
  const draw = <T>(from: readonly T[], inHundred: number, where: string): T | undefined => {
    const fault = random.below(100) < inHundred ? one(from) : undefined;
    if (fault !== undefined) note(`${where} ${String(fault)}`);
    return fault;
  };
  standIn.listedAfterMs = random.below(9) * 60_000;
  standIn.queueMs = random.below(3) * 10_000;
  standIn.analysisMs = random.below(4) * 15_000;
  standIn.createFault = () => draw(createFaults, 60, "create");
  standIn.readFault = () => draw(readFaults, 5, "read");
  const told: Promise<void>[] = [];
  standIn.onEvent = (call, event) => told.push(...sendNotices(call, event));
  for (let n = 1; n <= recipients; n += 1) standIn.script(numberOf(n), one(outcomes) ?? "answered");

  function sendNotices(call: StandInCall, event: "ended" | "analyzed"): Promise<void>[] {
    const fault = draw(noticeFaults, 60, "notice");
    const genuine = () => take(standIn.notice(call, event));
    switch (fault) {
      case undefined:
        return [genuine()];
      case "doubled":
        return [genuine(), genuine()];
      case "late":
        clock.at(new Date(clock.now().getTime() + random.below(120) * 60_000), () => void genuine());
        return [];
      case "forged":
        return [take(standIn.notice({ ...call, word: "user_hangup" }, event, { key: "another_key" }))];
      case "old":
        return [take(standIn.notice(call, event, { at: new Date(clock.now().getTime() - 6 * 60_000) }))];
      case "of_nobody":
        return [take(standIn.notice({ ...call, metadata: { batch_call_token: "task_0:1" } }, event))];
      case "lost":
        return [];
    }
  }

  async function take({ bodyText, headers, search }: StandInNotice): Promise<void> {
    const { notices } = world.placing;
    if (!notices) throw new Error("This carrier takes no notices");
    const noticed = (fate: NoticeFate): void => void total.notices.set(fate, (total.notices.get(fate) ?? 0) + 1);
    const parts = {
      store: world.store,
      guard: noDialGuard,
      log: silentLog,
      clock,
      dialing: world.dialer,
      observer: nobody,
    };
    // One whose platform does not answer is sent again by it, or never: the call is asked for all the same.
    await createCallNotices({ ...parts, notices, noticed })
      .take({ bodyText, header: (header) => headers[header], ...(search !== undefined && { search }) })
      .catch(() => {});
  }

  try {
    const batchId = await world.addBatch({ recipients });
    // A platform that leaves calls in doubt has its batch held: a person looks after it.
    const resumeHeld = async (): Promise<void> => {
      if ((await world.batch(batchId)).isPaused) await world.resume(batchId);
    };
    total.people += recipients;
    for (let minute = 0; minute < 40; minute += 1) {
      await clock.advance({ seconds: 1 + random.below(90) });
      await resumeHeld();
      if (random.below(6) > 0) continue;
      total.kills += 1;
      await world.startProcess();
    }
    standIn.createFault = () => undefined;
    standIn.readFault = () => undefined;
    await resumeHeld();
    for (let minute = 0; minute < 120 && (await world.tasks(batchId)).some(isOpen); minute += 1) {
      await clock.advance({ minutes: 1 });
      await resumeHeld();
    }
    judge(total, await world.tasks(batchId), standIn.calls, standIn.rungTwice.length);
    return clock.now().toISOString();
  } finally {
    await world.close();
    await Promise.allSettled(told);
  }
}

function isOpen({ status }: Person): boolean {
  return status === "pending" || status === "calling";
}

type Person = { readonly toNumber: string; readonly status: string; readonly outcome?: string };

function judge(
  total: PlatformStormReport,
  people: readonly Person[],
  calls: readonly StandInCall[],
  rungTwice: number,
) {
  total.rungTwice += rungTwice;
  for (const person of people) {
    const { toNumber, status, outcome } = person;
    const call = calls.find((made) => made.toNumber === toNumber && made.outcome !== "no_room");
    if (isOpen(person)) total.lost += 1;
    else if (status === "unknown") {
      total.unknown += 1;
      if (call) total.misjudged += 1;
    } else if (call) {
      if (outcome !== call.outcome) total.wrong += 1;
    } else if (outcome !== "failed") total.misjudged += 1;
  }
}
