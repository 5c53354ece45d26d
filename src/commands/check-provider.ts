import { randomUUID } from "node:crypto";
import { createAudit } from "../campaigns/records/index.ts";
import { isPlatform, type PlatformSettings, platformNames } from "../config/carrier.ts";
import type { Settings } from "../config/settings.ts";
import { nearest } from "../domain/nearest.ts";
import { maskNumber } from "../domain/phone/mask.ts";
import { type ParsedPhoneNumber, parsePhoneNumber } from "../domain/phone/phone-number.ts";
import { isIssue, Problem } from "../domain/problem.ts";
import { counted, plainText } from "../domain/text.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import { commandText } from "../lib/command-text.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { machineUser, openRecord } from "../runtime/data-dir.ts";
import {
  openPlatformCarrier,
  openPlatformConnections,
  type PlatformAccount,
  platformOf,
  readPlatformAccount,
} from "../runtime/platform-carrier.ts";
import { openPlatformHttp } from "../service/carriers/index.ts";
import { openSqliteStore } from "../service/store/index.ts";
import type { MeasureParts } from "./provider-check/facts.ts";
import { createMayRing, isAgreed, type MayRing } from "./provider-check/may-ring.ts";
import { measureCall } from "./provider-check/measure-call.ts";
import { type Measurement, toMeasurement } from "./provider-check/measurements.ts";
import { openNoticeListener } from "./provider-check/notice-listener.ts";
import { answeredBy } from "./provider-check/open-questions.ts";
import { recordConnections } from "./provider-check/recorded-connections.ts";
import { stopRequests } from "./provider-check/stop-requests.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

export type CheckRequest = {
  /** The platform, as BATCH_CALL_CARRIER names it; that of the settings when absent. */
  readonly name?: string;
  /** As it was typed; the one test number of the settings when absent. */
  readonly to?: string;
  readonly from: string;
  readonly agentId: string;
  /** Whether the platform is to end the call when the phone rings. */
  readonly stops: boolean;
};

/**
 * Places one call to the operator's own phone through a voice-agent platform, when they agreed to it at the terminal, and prints what
 * was measured. Returns 1 when something came otherwise than the service goes by, and when nobody was called.
 */
export async function runCheckProvider(context: CommandContext, request: CheckRequest): Promise<number> {
  const { settings, signal, print, log } = context;
  const live = readPlatform(settings, request);
  const to = readTo(settings, request.to);
  const from = readNumber(request.from, "--from").e164;
  const terminal = openTerminalFor(signal, { ...request, name: live.kind });
  const record = await openRecord(settings);
  try {
    const mayRing = createMayRing(settings, record, log);
    await refuse(mayRing, to.e164);
    const account = await readPlatformAccount(live);
    const agent = requireOfAccount(account, from, request.agentId);
    refuseOwnNumber(account, to.e164);
    print(announce(context, live, to.e164, request.stops));
    if (!(await agrees(terminal, settings, to.e164))) {
      print(nobodyCalled);
      return 1;
    }
    await refuse(mayRing, to.e164);
    createAudit(record).append({
      at: systemClock.now(),
      kind: "launched",
      principal: machineUser(),
      channel: "terminal",
      recipients: 1,
      detail: `check-provider ${live.kind}: one call to ${maskNumber(to.e164)}`,
    });
    const variables = Object.fromEntries((agent.variables ?? []).map((name) => [name, "test"]));
    const call = { to: to.e164, from, agentId: agent.agentId, variables };
    return await show(context, print, toAccountFinding(account), (use) =>
      place(context, live, call, { mayRing, terminal, stops: request.stops }, use),
    );
  } finally {
    terminal.close();
    record.close();
  }
}

const nobodyCalled = "Nobody was called.";

function readPlatform({ carrier }: Settings, { name }: CheckRequest): PlatformSettings {
  if (isPlatform(carrier) && (name === undefined || name === carrier.kind)) return carrier;
  if (name !== undefined && !platformNames.some((one) => one === name)) {
    const near = nearest(name, platformNames);
    const which = near === undefined ? `It is one of ${platformNames.join(", ")}.` : `The nearest is ${near}.`;
    throw new Problem("invalid_input", `there is no platform "${plainText(name, 60)}". ${which} ${nobodyCalled}`);
  }
  const wanted = name ?? "retell";
  throw new Problem(
    "invalid_input",
    `a platform is checked with the settings that the service will use: set BATCH_CALL_CARRIER=${wanted} and BATCH_CALL_CARRIER_KEY; it is ${carrier.kind} now. ${nobodyCalled}`,
  );
}

function readTo({ testNumbers = [] }: Settings, given: string | undefined): ParsedPhoneNumber {
  const [only, ...others] = testNumbers;
  if (given !== undefined) return readNumber(given, "--to");
  if (only !== undefined && others.length === 0) return readNumber(only, "BATCH_CALL_TEST_NUMBERS");
  throw new Problem(
    "invalid_input",
    `which phone is to ring? Name the one beside you with --to, or set BATCH_CALL_TEST_NUMBERS to it alone. ${nobodyCalled}`,
  );
}

function readNumber(text: string, field: string): ParsedPhoneNumber {
  const number = parsePhoneNumber(text, undefined, field);
  if (isIssue(number)) throw new Problem("invalid_input", `${field}: ${number.message} ${nobodyCalled}`);
  return number;
}

/** A person has to be there: no pipe and no flag agrees in their place. */
function openTerminalFor(signal: AbortSignal, { name, to, from, agentId, stops }: CheckRequest): Terminal {
  try {
    return openTerminal(signal);
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    const words = [name, ...(to ? ["--to", to] : []), "--from", from, "--agent", agentId, ...(stops ? ["--stop"] : [])];
    const message = `this makes a phone ring, so a person has to agree at a terminal, and stdin or stdout is none here. ${nobodyCalled} In a terminal window of your own: ${commandText(`check-provider ${words.join(" ")}`)}`;
    throw new Problem(cause.code, message, { cause });
  }
}

async function refuse(mayRing: MayRing, number: string): Promise<void> {
  const why = await mayRing.whyNot(number, systemClock.now());
  if (why !== undefined) throw new Problem("refused_by_limit", `${why} ${nobodyCalled}`);
}

function requireOfAccount({ agents, phoneNumbers }: PlatformAccount, from: string, agentId: string) {
  const agent = agents.find((one) => one.agentId === agentId);
  const missing =
    agent === undefined
      ? `agent ${agentId}. It has ${agents.map((one) => `${one.agentId} (${one.name})`).join(", ")}`
      : phoneNumbers.some(({ phoneNumber }) => phoneNumber === from)
        ? undefined
        : `caller id ${from}. It has ${phoneNumbers.map(({ phoneNumber }) => phoneNumber).join(", ")}`;
  if (agent && missing === undefined) return agent;
  throw new Problem("invalid_input", `the account has no ${missing}. ${nobodyCalled}`);
}

/** A caller id of the account would ring itself, as in a batch, which is refused such people. */
function refuseOwnNumber({ phoneNumbers }: PlatformAccount, to: string): void {
  if (!phoneNumbers.some(({ phoneNumber }) => phoneNumber === to)) return;
  throw new Problem(
    "invalid_input",
    `${to} is a caller id of the account, which cannot be called from it. Name the phone beside you with --to. ${nobodyCalled}`,
  );
}

function toAccountFinding({ agents, phoneNumbers, lines }: PlatformAccount): Measurement {
  const told = lines === undefined ? "lines are not told" : counted(lines, "line");
  const deaf = agents.filter(({ detectsVoicemail }) => detectsVoicemail === false).length;
  const mailboxes =
    deaf === 0 ? "" : `; ${counted(deaf, "agent never tells", "agents never tell")} a mailbox from a person`;
  return toMeasurement(
    "account",
    "pass",
    `${counted(agents.length, "agent")}, ${counted(phoneNumbers.length, "caller id")}, ${told}${mailboxes}`,
  );
}

/** What somebody agrees to before the phone rings. */
function announce({ settings }: CommandContext, live: PlatformSettings, number: string, stops: boolean): string {
  const { name } = platformOf(live.kind);
  const { spend } = settings.startPolicy.limits;
  const price = spend
    ? ` (BATCH_CALL_PRICE_PER_CALL: ${spend.pricePerCall}${spend.currency ? ` ${spend.currency}` : ""})`
    : "";
  return [
    `${name} at ${live.url} is asked once to call ${number}, and no other number. That phone WILL RING.`,
    `It costs what ${name} charges for one call${price}; hang up soon. The agent hears "test" for each of its variables.`,
    stops
      ? "When it rings, press Enter: the platform is then asked to end the call. Do not answer."
      : "When it rings, press Enter, then answer, or let it ring. Count how often it rings.",
    "The request is sent once, whatever is answered. It takes a minute after you hung up, 12 at most.\n",
  ].join("\n");
}

async function agrees(terminal: Terminal, { testNumbers = [] }: Settings, number: string): Promise<boolean> {
  const what = testNumbers.includes(number) ? 'Type "yes"' : "Type the number once more";
  return isAgreed(number, testNumbers, (await terminal.ask(`${what} to let it ring: `)) ?? "");
}

type Call = {
  readonly to: string;
  readonly from: string;
  readonly agentId: string;
  readonly variables: Readonly<Record<string, string>>;
};

/** Opens what the call needs, and closes it when `use` is done with it. */
async function place(
  { settings, signal, log }: CommandContext,
  live: PlatformSettings,
  { to, from, agentId, variables }: Call,
  { mayRing, terminal, stops }: { readonly mayRing: MayRing; readonly terminal: Terminal; readonly stops: boolean },
  use: (parts: MeasureParts) => Promise<number>,
): Promise<number> {
  const platform = platformOf(live.kind);
  const { connections, seen } = recordConnections(openPlatformConnections(), systemClock);
  // Of this call alone: it is gone with the program, and nobody takes the call up again.
  const store = openSqliteStore(":memory:");
  const carrier = openPlatformCarrier(live, store.sends, log, connections);
  const { ask } = openPlatformHttp({ platform, baseUrl: live.url, key: live.apiKey, connections });
  const notices = await listenFor(live, settings.servicePort);
  const toStop = stops ? stopRequests[live.kind] : undefined;
  const id = randomUUID();
  try {
    const numberId = (await platform.numbers(ask)).find(({ phoneNumber }) => phoneNumber === from)?.id;
    return await use({
      kind: live.kind,
      platform,
      carrier,
      ask,
      sends: store.sends,
      seen,
      clock: systemClock,
      call: { token: `check_${id}:1`, callId: `check_${id}`, toNumber: to, fromNumber: from, agentId, variables },
      held: {
        batch: { id: `check_${id}`, name: "check-provider", timezone: settings.timezone },
        check: async () =>
          (await mayRing.whyNot(to, systemClock.now())) === undefined
            ? { isFresh: () => !mayRing.isStopped() }
            : undefined,
      },
      ...(numberId !== undefined && { numberId }),
      notices,
      ...(toStop && { toStop }),
      person: {
        rang: async (waiting) => (await terminal.ask("Press Enter the moment it rings: ", waiting)) !== undefined,
        countRings: () => askForRings(terminal),
      },
      pause: (ms) => pauseUnlessStopped(ms, signal),
    });
  } finally {
    if ("received" in notices) await notices.close();
    carrier.close();
    await store.close();
  }
}

async function listenFor({ noticeKey }: PlatformSettings, port: number): Promise<MeasureParts["notices"]> {
  if (!noticeKey) return { whyNot: "BATCH_CALL_CARRIER_SECRET is not set: no notice is taken" };
  try {
    return await openNoticeListener(port, systemClock);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { whyNot: `port ${port}, where the service takes them, cannot be listened on: ${why}` };
  }
}

async function askForRings(terminal: Terminal): Promise<number | undefined> {
  const typed = await terminal.ask("How often did the phone ring? (a number, or empty when nobody counted) ");
  const count = typed?.trim() ?? "";
  return /^\d+$/.test(count) ? Number(count) : undefined;
}

async function pauseUnlessStopped(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(systemClock, ms, signal);
  if (signal.aborted) throw new Problem("unavailable", "the check was stopped. A call in progress goes on.");
}

async function show(
  { settings }: CommandContext,
  print: CommandContext["print"],
  first: Measurement,
  run: (use: (parts: MeasureParts) => Promise<number>) => Promise<number>,
): Promise<number> {
  return run(async (parts) => {
    const measurements: Measurement[] = [first];
    print(toText(first));
    for await (const measurement of measureCall(parts)) {
      measurements.push(measurement);
      print(toText(measurement));
    }
    const count = (verdict: Measurement["verdict"]) =>
      measurements.filter((measurement) => measurement.verdict === verdict).length;
    const failures = count("fail");
    print(
      [`\nWhat docs/providers/${parts.kind}.md asks, and what above answers it:`, ...answeredBy(parts.kind)].join(
        "\n  ",
      ),
    );
    print(
      `\n${count("pass")} as expected, ${failures} not, ${count("not_measured")} not measured. docs/providers/${settings.carrier.kind}.md says what was guessed.`,
    );
    return failures === 0 ? 0 : 1;
  });
}

const marks = { pass: "pass", fail: "FAIL", not_measured: "-   " } as const;

function toText({ check, verdict, measured, expected, came, advice }: Measurement): string {
  const rows = [
    ["measured", measured],
    ["expected", expected],
    ["came", came],
    ["do next", advice],
  ].filter(([, text]) => text);
  const lines = rows.map(([label = "", text]) => `      ${label.padEnd(9)}${text}`);
  return [`${marks[verdict]}  ${check}`, ...lines].join("\n");
}
