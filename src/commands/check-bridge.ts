import { createKillSwitch } from "../campaigns/records/index.ts";
import { parsePhoneNumber } from "../domain/phone/phone-number.ts";
import { isIssue, Problem } from "../domain/problem.ts";
import { isLoopback, isSafeUrl } from "../domain/secret.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { releaseText } from "../lib/command-text.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { openRecord } from "../runtime/data-dir.ts";
import { openBridgeConnection } from "../service/carriers/index.ts";
import { type CheckParts, checkBridge } from "./bridge-check/check-bridge.ts";
import { type Finding, toAnnouncement } from "./bridge-check/findings.ts";
import { openReportListener } from "./bridge-check/report-listener.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

export type CheckRequest = {
  /** That of the settings when absent. */
  readonly url?: string;
  /** Numbers as they were typed. */
  readonly to: string;
  readonly from: string;
  readonly agentId: string;
  /** Agreed to beforehand: nobody is asked. */
  readonly isAgreed: boolean;
  readonly asJson: boolean;
};

/**
 * Calls one phone through a bridge and prints what the bridge did against its contract. Returns 1 when it broke it, and
 * when nobody agreed to the call.
 */
export async function runCheckBridge(context: CommandContext, request: CheckRequest): Promise<number> {
  const { settings, signal, print } = context;
  const { agentId, isAgreed, asJson } = request;
  const { url, secret, callbackUrl } = readBridge(context, request.url);
  const toNumber = readNumber(request.to, "--to");
  const fromNumber = readNumber(request.from, "--from");
  await refuseWhenStopped(context);
  // Without `--yes` a person is asked; with --json what they read would stand between the objects.
  if (asJson && !isAgreed) throw new Problem("invalid_input", `--json needs --yes. ${nobodyCalled}`);
  if (!asJson) print(`${toAnnouncement(url, toNumber)}\n`);
  const terminal = isAgreed ? undefined : openTerminal(signal);
  try {
    if (terminal && (await terminal.ask('Type "yes" to let it ring: '))?.trim().toLowerCase() !== "yes") {
      print(nobodyCalled);
      return 1;
    }
    const listener = await openListener(url, callbackUrl, settings.servicePort);
    const connection = openBridgeConnection(url, systemClock);
    try {
      const reportTo = callbackUrl ?? listener?.url;
      const call = {
        toNumber,
        fromNumber,
        agentId,
        ...(reportTo && { callbackUrl: reportTo }),
      };
      return await show(
        {
          connection,
          secret,
          clock: systemClock,
          call,
          ...(listener && { listener }),
          mustReport: callbackUrl !== undefined,
          restart: async () => terminal !== undefined && askForRestart(terminal),
          countRings: async () => terminal && askForRings(terminal),
          pause: (ms) => pauseUnlessStopped(ms, signal),
        },
        asJson,
        print,
      );
    } finally {
      connection.close();
      await listener?.close();
    }
  } finally {
    terminal?.close();
  }
}

const nobodyCalled = "Nobody was called.";

function readBridge({ settings }: CommandContext, argument: string | undefined) {
  const { carrier } = settings;
  if (carrier.kind !== "http") throw new Problem("invalid_input", `${noBridge} ${nobodyCalled}`);
  const url = argument ?? carrier.url;
  if (!isSafeUrl(url)) {
    throw new Problem(
      "invalid_input",
      `the URL of a bridge is https, or http on this machine, without a query. ${nobodyCalled}`,
    );
  }
  return { ...carrier, url };
}

const noBridge =
  "a bridge is checked with the settings that the service will use: set BATCH_CALL_CARRIER=http, BATCH_CALL_CARRIER_URL and BATCH_CALL_CARRIER_SECRET.";

function readNumber(text: string, field: string): string {
  const number = parsePhoneNumber(text, undefined, field);
  if (isIssue(number)) throw new Problem("invalid_input", `${field}: ${number.message} ${nobodyCalled}`);
  return number.e164;
}

async function refuseWhenStopped({ settings }: CommandContext): Promise<void> {
  const database = await openRecord(settings);
  const isStopped = createKillSwitch(database).isOn();
  database.close();
  if (!isStopped) return;
  const message = `everything is stopped here, and this would make a phone ring. ${nobodyCalled} ${releaseText()} allows calls again.`;
  throw new Problem("refused_by_limit", message);
}

/** Where the reports of the bridge arrive: at the service's own port behind a callback URL, else at any on this machine. */
async function openListener(url: string, callbackUrl: string | undefined, servicePort: number) {
  if (callbackUrl) return openReportListener(servicePort);
  return isLoopback(new URL(url).hostname) ? openReportListener(0) : undefined;
}

async function askForRestart(terminal: Terminal): Promise<boolean> {
  const typed = await terminal.ask('Restart the bridge now, then press Enter ("skip" when you cannot): ');
  return typed?.trim() === "";
}

async function askForRings(terminal: Terminal): Promise<number | undefined> {
  const typed = (await terminal.ask("How often did the phone ring? (a number, or empty when nobody counted) "))?.trim();
  return typed && /^\d+$/.test(typed) ? Number(typed) : undefined;
}

async function pauseUnlessStopped(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(systemClock, ms, signal);
  if (signal.aborted) throw new Problem("unavailable", "the check was stopped. A call in progress goes on.");
}

async function show(parts: CheckParts, asJson: boolean, print: CommandContext["print"]): Promise<number> {
  const findings: Finding[] = [];
  for await (const finding of checkBridge(parts)) {
    findings.push(finding);
    print(asJson ? JSON.stringify(finding) : toText(finding));
  }
  const count = (verdict: Finding["verdict"]) => findings.filter((finding) => finding.verdict === verdict).length;
  const failures = count("fail");
  if (!asJson)
    print(`\n${count("pass")} passed, ${failures} failed, ${count("not_tried")} not tried. ${conclusion(failures)}`);
  return failures === 0 ? 0 : 1;
}

function conclusion(failures: number): string {
  if (failures === 0) return "What was tried is as the contract has it.";
  return "Do not place real calls with this bridge before it is mended.";
}

const marks = { pass: "pass", fail: "FAIL", not_tried: "-   " } as const;

function toText({ check, verdict, tried, contract, came, advice }: Finding): string {
  const rows = [
    ["tried", tried],
    ["contract", contract],
    ["came", came],
    ["do next", advice],
  ].filter(([, text]) => text !== undefined);
  const lines = rows.map(([label = "", text]) => `      ${label.padEnd(9)}${text}`);
  return [`${marks[verdict]}  ${check}`, ...lines].join("\n");
}
