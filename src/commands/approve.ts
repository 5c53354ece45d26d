import {
  type ApprovalRequest,
  type ApprovalStore,
  answerMessage,
  createApprovalStore,
  notANumberMessage,
  parseTypedCount,
  people,
  realCallsNotice,
  toQuestion,
  toSummaryFacts,
  wrongCountMessage,
} from "../campaigns/approve/index.ts";
import type { Answerer } from "../campaigns/records/index.ts";
import { plainText } from "../domain/text.ts";
import { toTimeOfDay } from "../domain/time/zone.ts";
import { systemClock } from "../lib/clock.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { machineUser, openRecord } from "../runtime/data-dir.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

type ApproveParts = {
  /** Where the questions were looked for. */
  readonly dataDir: string;
  readonly approvals: ApprovalStore;
  readonly terminal: Terminal;
  readonly print: (line: string) => void;
};

/** Lets a person at a terminal answer an open question, of one batch or of any. Returns 0 only when they agreed. */
export async function runApprove(context: CommandContext, batchId: string | undefined): Promise<number> {
  const { settings, signal, print } = context;
  const terminal = openTerminal(signal);
  const database = await openRecord(settings);
  try {
    const approvals = createApprovalStore(database);
    const request = await choose({ approvals, terminal, print, dataDir: settings.dataDir }, batchId);
    if (!request) return 1;
    return (await answer({ approvals, terminal, print }, request)) ? 0 : 1;
  } finally {
    terminal.close();
    database.close();
  }
}

async function choose({ approvals, terminal, print, dataDir }: ApproveParts, batchId: string | undefined) {
  const now = systemClock.now();
  const requests = batchId === undefined ? approvals.openAll(now) : approvals.openFor(batchId, now);
  if (requests.length === 0) {
    const about = batchId === undefined ? "" : ` about ${plainText(batchId, 100)}`;
    print(
      `No question${about} waits in ${dataDir}. One stays open for 15 minutes; have your assistant start the batch once more. Where its server keeps its records elsewhere, the command that it names says so with --data-dir.`,
    );
    return undefined;
  }
  if (requests.length === 1) return requests[0];
  for (const [index, { summary }] of requests.entries()) print(`${index + 1}  ${toTitle(summary)}`);
  const typed = parseTypedCount((await terminal.ask(`Which one? (1-${requests.length}) `)) ?? "");
  const chosen = typed === undefined ? undefined : requests[typed - 1];
  if (!chosen) print("None was chosen. Nothing was agreed.");
  return chosen;
}

function toTitle({ name, batchId, recipients }: ApprovalRequest["summary"]): string {
  return `${plainText(name, 100)} (${batchId}), ${people(recipients)}`;
}

async function answer(
  { approvals, terminal, print }: Omit<ApproveParts, "dataDir">,
  request: ApprovalRequest,
): Promise<boolean> {
  const by: Answerer = { channel: "terminal", principal: machineUser() };
  showSummary(request, print);
  for (;;) {
    const typed = await readAnswer(terminal, print);
    if (typed === undefined) {
      print(`Nothing was agreed. The question stays open until ${untilOf(request)}.`);
      return false;
    }
    const now = systemClock.now();
    const result =
      typed === "no" ? approvals.decline(request.id, by, now) : approvals.approve(request.id, typed, by, now);
    const after = approvals.get(request.id, now);
    if (result !== "wrong_count") {
      const { title, text } = answerMessage(after);
      print(`${title}. ${text}`);
      if (result === "approved") print(whatIfNobodyWaits(request));
      return result === "approved";
    }
    print(wrongCountMessage(after?.triesLeft ?? 0));
  }
}

/** A number or a no; undefined when the person typed nothing or left. */
async function readAnswer(terminal: Terminal, print: ApproveParts["print"]): Promise<number | "no" | undefined> {
  for (;;) {
    const typed = (await terminal.ask('Type the number of recipients to agree, or "no": '))?.trim();
    if (!typed) return undefined;
    if (/^no?$/i.test(typed)) return "no";
    const count = parseTypedCount(typed);
    if (count !== undefined) return count;
    print(notANumberMessage);
  }
}

const labelWidth = 20;

function showSummary({ summary }: ApprovalRequest, print: (line: string) => void): void {
  print(`\n${toQuestion(summary)} ${realCallsNotice}\n`);
  for (const { label, lines } of toSummaryFacts(summary)) {
    if (label.length >= labelWidth) print(`  ${label}`);
    for (const [index, line] of lines.entries()) {
      const isBeside = index === 0 && label.length < labelWidth;
      print(`  ${(isBeside ? label : "").padEnd(labelWidth)}${line}`);
    }
  }
  print("");
}

function whatIfNobodyWaits(request: ApprovalRequest): string {
  return `If the program that asked has ended meanwhile, have your assistant start the batch again before ${untilOf(request)}; it will not ask again.`;
}

function untilOf({ expiresAt, summary }: ApprovalRequest): string {
  return `${toTimeOfDay(expiresAt, summary.timezone)} (${summary.timezone})`;
}
