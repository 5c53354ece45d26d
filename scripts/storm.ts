/**
 * Pauses batches under load at random moments (`--pauses 10000`, on PostgreSQL with `--database URL`; with `--carrier hosted` through a stand-in of the hosted API, in
 * waves of 5 and of 1 that wait there or ring at once), sends create requests in concurrent copies
 * (`--creates 1000 --copies 50`), and forged, doubled, late and reordered notices of a bridge (`--notices 100000`, on
 * PostgreSQL with `--database URL`): what the carrier, the service and the bridge recorded. Others with `--seed`. `--faults 5000` calls
 * through a voice-agent platform (Retell; another with `--carrier vapi`) while so many requests, answers and notices go wrong.
 */

import type { Store } from "../src/service/store/store.ts";
import { createInCopies } from "../test/support/campaigns/copied-creates.ts";
import { raceHostedPauses } from "../test/support/carriers/hosted-pauses.ts";
import { stormNotices } from "../test/support/carriers/notice-storm.ts";
import { type PlatformStormReport, stormPlatform } from "../test/support/carriers/platform-storm.ts";
import { type PlatformName, platformNames } from "../test/support/carriers/platform-world.ts";
import { racePauses } from "../test/support/dialing/pause-race.ts";
import { createDatabase, openEmptied } from "../test/support/process/postgres.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: {
    pauses: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    creates: { type: "string", default: "0" },
    copies: { type: "string", default: "50" },
    notices: { type: "string", default: "0" },
    faults: { type: "string", default: "0" },
    database: { type: "string" },
    carrier: { type: "string", default: "scripted" },
  },
});
const [pauses, creates] = [Number(values.pauses), Number(values.creates)];
const [notices, faults] = [Number(values.notices), Number(values.faults)];
const [seed, copies] = [Number(values.seed), Number(values.copies)];
const areCounts = [pauses, creates, notices, faults, copies].every((count) => Number.isInteger(count) && count >= 0);
if (!areCounts || !Number.isInteger(seed) || copies === 0 || pauses + creates + notices + faults === 0) {
  console.error(
    "--pauses, --creates, --notices, --faults, --copies and --seed take whole numbers; give one of the first four.",
  );
  process.exit(2);
}

const pause = values.carrier === "hosted" ? stormHostedPauses : stormPauses;
if (pauses > 0 && !(await pause())) process.exitCode = 1;
if (creates > 0 && !(await stormCreates())) process.exitCode = 1;
if (notices > 0 && !(await stormOfNotices(values.database))) process.exitCode = 1;
const platform = platformNames.find((name) => name === values.carrier) ?? "retell";
if (faults > 0 && !(await stormOfFaults(platform, values.database))) process.exitCode = 1;

async function stormPauses(): Promise<boolean> {
  const startedAt = performance.now();
  const database = values.database === undefined ? undefined : await createDatabase(values.database);
  const openStore =
    database &&
    (async () => {
      const sql = await database.connect();
      return { ...(await openEmptied(sql)), close: () => sql.close() };
    });
  const report = await racePauses(pauses, seed, openStore).finally(() => database?.drop());
  print("pauses", report.pauses);
  print("with a dial on its way", report.pausesWithDialsOnTheirWay);
  print("dials started after an answer", report.dialsAfterAnswer);
  print("phones rung after an answer", report.ringsAfterAnswer);
  print("seconds", secondsSince(startedAt));
  const isClean = report.dialsAfterAnswer === 0 && report.ringsAfterAnswer === 0;
  // Rule of three: after 0 events in n trials the rate is below 3/n, with 95 % confidence.
  if (isClean)
    console.log(`With 95 % confidence rarer than ${((3 / pauses) * 100).toFixed(3)} % of pauses (3/n, n = ${pauses}).`);
  return isClean;
}

async function stormHostedPauses(): Promise<boolean> {
  let isClean = true;
  for (const setup of [
    { waveSize: 5, queueMs: 15_000, lines: 100 },
    { waveSize: 5, queueMs: 0, lines: 3 },
    { waveSize: 1, queueMs: 0, lines: 100 },
    { waveSize: 1, queueMs: 15_000, lines: 100 },
  ]) {
    const startedAt = performance.now();
    const report = await raceHostedPauses({ ...setup, pauses, seed });
    print("wave size", setup.waveSize);
    print("seconds that a call waits at the provider", setup.queueMs / 1000);
    print("calls that it places at a time", setup.lines);
    print("pauses", report.pauses);
    print("amid a request", report.amidRequests);
    print("phones rung after an answer", report.ringsAfterAnswer);
    print("most of one pause", report.mostAfterAnswer);
    print("pauses with more than said", report.moreThanSaid);
    print("rung by later waves", report.ringsOfLaterWaves);
    print("rung twice", report.rungTwice);
    print("seconds", secondsSince(startedAt));
    // A call in hand is waited for where waves are of one.
    const mostMayRing = setup.waveSize === 1 ? 0 : setup.waveSize;
    isClean &&=
      report.mostAfterAnswer <= mostMayRing && report.moreThanSaid + report.ringsOfLaterWaves + report.rungTwice === 0;
  }
  return isClean;
}

async function stormCreates(): Promise<boolean> {
  const startedAt = performance.now();
  const report = await createInCopies(creates, copies);
  print("create requests", report.requests);
  print("keys", creates);
  print("batches", report.batches);
  print("mismatching answers", report.mismatches);
  print("seconds", secondsSince(startedAt));
  return report.batches === creates && report.mismatches === 0;
}

function stormOfNotices(serverUrl: string | undefined): Promise<boolean> {
  return onStore(serverUrl, async (store) => {
    const startedAt = performance.now();
    const report = await stormNotices(notices, seed, store);
    print("notices", report.notices);
    for (const [kind, count] of report.byKind) print(`  ${kind}`, count);
    print("calls", report.calls);
    print("wrong outcomes", report.wrongOutcomes);
    print("wrong answers", report.wrongAnswers);
    print("tokens rung twice", report.rungTwice);
    print("seconds", secondsSince(startedAt));
    return report.wrongOutcomes + report.wrongAnswers + report.rungTwice === 0;
  });
}

function stormOfFaults(name: PlatformName, serverUrl: string | undefined): Promise<boolean> {
  return onStore(serverUrl, async (store) => {
    const startedAt = performance.now();
    // A run that is ended before its time has said what it found by then.
    const onProgress = (soFar: PlatformStormReport): void => {
      const amiss = soFar.rungTwice + soFar.lost + soFar.wrong + soFar.misjudged;
      const done = `${soFar.faults} of ${faults} faults, ${soFar.people} people, ${amiss} of them amiss`;
      console.error(`${name}: ${done}, ${secondsSince(startedAt)} seconds`);
    };
    // Most of what a database is asked comes of time that passes, of leases say: the more people share it, the better.
    const parts = store ? { store, peopleAtATime: 400 } : {};
    const report = await stormPlatform(name, faults, seed, { onProgress, ...parts });
    print("platform", name);
    print("faults", report.faults);
    for (const [fault, count] of [...report.byFault].toSorted()) print(`  ${fault}`, count);
    print("kills", report.kills);
    for (const [fate, count] of report.notices) print(`notices ${fate}`, count);
    print("people", report.people);
    print("tokens rung twice", report.rungTwice);
    print("people lost", report.lost);
    print("wrong outcomes", report.wrong);
    print("unknown, as nobody can know", report.unknown - report.misjudged);
    print("misjudged", report.misjudged);
    print("seconds", secondsSince(startedAt));
    const isClean = report.rungTwice + report.lost + report.wrong + report.misjudged === 0;
    if (isClean)
      console.log(
        `With 95 % confidence each is rarer than ${((3 / report.faults) * 100).toFixed(3)} % of faults (3/n).`,
      );
    return isClean;
  });
}

/** On a database of its own on that server; on SQLite without one. */
async function onStore(
  serverUrl: string | undefined,
  storm: (store: Store | undefined) => Promise<boolean>,
): Promise<boolean> {
  const database = serverUrl === undefined ? undefined : await createDatabase(serverUrl);
  const sql = await database?.connect();
  try {
    return await storm(sql && (await openEmptied(sql)));
  } finally {
    await sql?.close();
    await database?.drop();
  }
}

function print(what: string, figure: number | string): void {
  console.log(`${what.padEnd(52)}${figure}`);
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}
