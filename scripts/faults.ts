/** Breaks writes to a stand-in of the hosted API by every fault, `--runs 500` of each, and prints what the API recorded. */
import { isDeepStrictEqual } from "node:util";
import { cleanReport, type FaultReport, faultedWrites, runFaults } from "../test/support/campaigns/fault-matrix.ts";
import { wireFaults } from "../test/support/http/wire-faults.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: { runs: { type: "string", default: "500" }, fault: { type: "string" }, write: { type: "string" } },
});
const runs = Number(values.runs);
const writes = faultedWrites.filter((write) => values.write === undefined || write === values.write);
const chosen = wireFaults.filter((fault) => values.fault === undefined || String(fault) === values.fault);
if (!Number.isInteger(runs) || runs < 1 || chosen.length === 0 || writes.length === 0) {
  console.error(
    `--runs takes a whole number from 1 on, --fault one of ${wireFaults.join(", ")}, --write one of ${faultedWrites.join(", ")}.`,
  );
  process.exit(2);
}

// Each part gets an account of its own: the more batches one holds, the longer it takes to look for one.
const mostRuns = 50;
const reports: FaultReport[] = [];
for (const write of writes) {
  for (const fault of chosen) {
    const begunAt = performance.now();
    for (let left = runs; left > 0; left -= mostRuns) {
      const report = await runFaults(write, fault, Math.min(left, mostRuns));
      reports.push(report);
      if (!isClean(report)) console.log(JSON.stringify({ write, fault, ...report }));
    }
    const seconds = ((performance.now() - begunAt) / 1000).toFixed(0);
    console.log(`${write} ${fault}: ${runs} in ${seconds} s`);
  }
}

const sum = (pick: (report: FaultReport) => number): number =>
  reports.reduce((total, report) => total + pick(report), 0);
const figures = {
  "writes that did not break": sum((report) => report.unbroken),
  "batches started twice": sum((report) => report.startedTwice),
  "starts nobody agreed to": sum((report) => report.startedUnagreed),
  "batches made twice": sum((report) => report.madeTwice),
  "batches lost": sum((report) => report.lost),
  "answers in a wrong class": sum((report) => report.wrongClass.length),
  "requests to another origin": sum((report) => report.strays.length),
};
const total = sum((report) => report.runs);
console.log(`${total} broken writes: ${chosen.length} faults x ${writes.length} writes x ${runs}`);
for (const [what, count] of Object.entries(figures)) console.log(`${what.padEnd(28)}${count}`);
// Rule of three: after 0 events in n trials the rate is below 3/n, with 95 % confidence.
const allClean = reports.every(isClean);
if (allClean)
  console.log(`With 95 % confidence each is rarer than ${((3 / total) * 100).toFixed(3)} % (3/n, n = ${total}).`);
process.exitCode = allClean ? 0 : 1;

function isClean(report: FaultReport): boolean {
  return isDeepStrictEqual(report, cleanReport(report.runs));
}
