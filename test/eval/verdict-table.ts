import type { Verdict } from "./run-request.ts";

/** A line for each request and one for all, then what is wrong with those that did not pass. */
export function toTable(verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ id }) => id.length), "request".length);
  const head = ["request".padEnd(width), "passed", "first tool", "calls", "refused", "tokens"].join("  ");
  const rows = verdicts.map((verdict) => toRow(verdict, width));
  const faults = verdicts.flatMap(({ id, faults, refusals }) =>
    faults.length === 0
      ? []
      : ["", id, ...faults.map((fault) => `  ${fault}`), ...refusals.map((text) => `  refused: ${text}`)],
  );
  return [head, ...rows, toSum(verdicts), ...faults].join("\n");
}

function toRow({ id, faults, isFirstToolRight, calls, refusals, tokens }: Verdict, width: number): string {
  const cells = [
    id.padEnd(width),
    (faults.length === 0 ? "yes" : "NO").padEnd(6),
    (isFirstToolRight ? "right" : "other").padEnd(10),
    String(calls).padStart(5),
    String(refusals.length).padStart(7),
    tokens ? String(tokens.input + tokens.output).padStart(6) : "",
  ];
  return cells.join("  ").trimEnd();
}

function toSum(verdicts: readonly Verdict[]): string {
  const passed = verdicts.filter(({ faults }) => faults.length === 0).length;
  const right = verdicts.filter(({ isFirstToolRight }) => isFirstToolRight).length;
  const calls = verdicts.reduce((sum, verdict) => sum + verdict.calls, 0);
  const refused = verdicts.reduce((sum, { refusals }) => sum + refusals.length, 0);
  const tokens = verdicts.reduce((sum, { tokens: used }) => sum + (used ? used.input + used.output : 0), 0);
  const spent = tokens > 0 ? `, ${tokens} tokens` : "";
  return `${passed} of ${verdicts.length} passed, first tool right in ${right}, ${calls} calls, ${refused} refused${spent}`;
}
