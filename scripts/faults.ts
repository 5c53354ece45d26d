/** Breaks writes to a stand-in of the hosted API by every fault, `--runs 500` of each, and prints what the API recorded. */
import { parseArgs } from "node:util";
import { type FaultReport, faultedWrites, runFaults } from "../test/support/fault-matrix.ts";
import { wireFaults } from "../test/support/wire-faults.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "500" }, fault: { type: "string" } },
});
const runs = Number(values.runs);
const chosen = wireFaults.filter((fault) => values.fault === undefined || String(fault) === values.fault);
if (!Number.isInteger(runs) || runs < 1 || runs > 1000 || chosen.length === 0) {
  console.error(`--runs takes a whole number from 1 to 1000, --fault one of ${wireFaults.join(", ")}.`);
  process.exit(2);
}

const reports: FaultReport[] = [];
for (const write of faultedWrites) {
  for (const fault of chosen) {
    const report = await runFaults(write, fault, runs);
    reports.push(report);
    console.log(JSON.stringify({ write, fault, ...report }));
  }
}

const sum = (pick: (report: FaultReport) => number): number =>
  reports.reduce((total, report) => total + pick(report), 0);
const figures = {
  "batches started twice": sum((report) => report.startedTwice),
  "starts nobody agreed to": sum((report) => report.startedUnagreed),
  "batches made twice": sum((report) => report.madeTwice),
  "batches lost": sum((report) => report.lost),
  "answers in a wrong class": sum((report) => report.wrongClass.length),
  "requests to another origin": sum((report) => report.strays.length),
};
const total = sum((report) => report.runs);
console.log(`${total} broken writes: ${chosen.length} faults x ${faultedWrites.length} writes x ${runs}`);
for (const [what, count] of Object.entries(figures)) console.log(`${what.padEnd(28)}${count}`);
const isClean = Object.values(figures).every((count) => count === 0);
// Rule of three: after 0 events in n trials the rate is below 3/n, with 95 % confidence.
if (isClean)
  console.log(`With 95 % confidence each is rarer than ${((3 / total) * 100).toFixed(3)} % (3/n, n = ${total}).`);
process.exitCode = isClean ? 0 : 1;
