import { dirname } from "node:path";
import { isObject } from "../../../src/contract/envelope.ts";
import type { Log } from "../../../src/lib/log.ts";
import { silentLog } from "../../../src/lib/log.ts";
import type { ServedTools } from "../../../src/mcp/served.ts";
import { selectPrompts } from "../../../src/prompts/index.ts";
import { selectResources } from "../../../src/resources/index.ts";
import { tools } from "../../../src/tools/index.ts";
import { Random } from "../random.ts";
import { startWorld, type World } from "../world.ts";
import type { Making } from "./from-schema.ts";
import { Memory } from "./memory.ts";
import { toJsonText } from "./odd-values.ts";
import { Findings, type FuzzReport, playRounds, type Rounds } from "./report.ts";
import { inTime, type Reply, StdioPeer } from "./stdio-peer.ts";
import { listFile, makeToolInput, type ToolInput, textOfTool } from "./tool-arguments.ts";
import { judgeToolAnswer } from "./tool-oracles.ts";

const perRound = 1000;
// A busy machine is no fault; what grows with its input beyond that is.
const mostMs = 15_000;

/**
 * Calls of every tool with arguments that are made from its schema and changed, through the server over stdio, in sequences on the same
 * batches and lists while time passes. Of three rounds two are live and nobody agrees: without forms, and with a person who says no.
 */
export function fuzzTools(rounds: Rounds): Promise<FuzzReport> {
  const findings = new Findings("npm run fuzz -- tools");
  return playRounds(rounds, perRound, findings, (seed, cases) => playRound(seed, cases, findings));
}

async function playRound(seed: number, cases: number, findings: Findings): Promise<void> {
  const random = new Random(seed);
  const memory = new Memory();
  const kind = random.pick(["simulated", "no forms", "says no"]);
  let failure = "";
  const error = (fields: object): void => {
    failure = String("err" in fields && fields.err instanceof Error ? fields.err.stack : "");
  };
  const world = await startWorld({ isQuick: true, ...(kind !== "simulated" && { carrierEnvironment: "live" }) });
  await world.file(listFile.name, listFile.text);
  const peer = new StdioPeer(serve(world, { ...silentLog, error }));
  const forms = { elicitation: {} };
  await peer.open("2025-11-25", kind === "says no" ? forms : {}, () => ({
    action: random.pick(["decline", "cancel"]),
  }));
  const started = new Set<string>();
  const secrets = await secretsOf(world);
  for (let at = 1; at <= cases && !findings.isEnough; at++) {
    const making: Making = { random, memory, now: world.clock.now(), textOf: textOfTool };
    const input = makeToolInput(making);
    const line = callLine(at, input, random);
    const wrong = (what: string): void =>
      findings.wrong(`${kind}: ${what} ${failure}`, { seed, cases: at, sent: line });
    failure = "";
    const before = performance.now();
    const reply = await answerOf(peer, world, line, at);
    const ms = performance.now() - before;
    findings.timed(ms, line);
    if (!reply) {
      wrong("No answer came.");
      break;
    }
    findings.count(kindOf(reply));
    if (ms > mostMs) wrong(`It took ${Math.round(ms)} ms.`);
    for (const what of judgeToolAnswer(input, line, reply, secrets)) wrong(what);
    memory.hear(isObject(reply["result"]) ? reply["result"]["structuredContent"] : undefined);
    learnStarts(input, reply, started);
    if (random.chance(0.05)) await world.clock.advance({ seconds: random.pick([5, 60, 1800, 20_000]) });
    if (kind !== "simulated" && world.carrier.dials.length > 0) {
      wrong(`Nobody agreed, and ${world.carrier.dials.length} were dialed.`);
      break;
    }
  }
  const never = await dialedOfNobody(world, started);
  for (const what of never) findings.wrong(what, { seed, cases, sent: "the whole round" });
  await peer.close();
  await world.stop();
}

function serve(world: World, log: Log): ServedTools {
  return {
    tools,
    resources: selectResources({ isReadOnly: false }),
    prompts: selectPrompts({ isReadOnly: false }),
    makeContext: (caller) => ({ ...world.context, ...caller }),
    version: "0.0.0",
    log,
  };
}

/** Where the files of the server are, but for the folder that lists are read from. */
async function secretsOf({ filesDir }: World): Promise<readonly string[]> {
  const dataDir = dirname(filesDir);
  return ["credentials.json", "ledger.sqlite", "service.sqlite", "lists.sqlite", "uploads/"].map(
    (name) => `${dataDir}/${name}`,
  );
}

function callLine(id: number, { tool, args }: ToolInput, random: Random): string {
  return `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool.name}","arguments":${toJsonText(args ?? null, random)}}}`;
}

function answerOf(peer: StdioPeer, world: World, line: string, id: number): Promise<Reply | undefined> {
  const answer = peer.ask(line, id);
  const passing = (): Promise<unknown> => world.whileTimePasses(Promise.race([answer, peer.over]));
  if (/wait/i.test(line)) void passing();
  return inTime(answer, passing);
}

function kindOf({ result, error }: Reply): string {
  if (isObject(error)) return `protocol ${String(error["code"])}`;
  if (!isObject(result) || result["isError"] !== true) return "done";
  return String(JSON.stringify(result["content"]).match(/"text":"(\w+):/)?.[1]);
}

/** The batches that a call made or moved, where it was one that may place calls. */
function learnStarts({ tool: { effect } }: ToolInput, { result }: Reply, started: Set<string>): void {
  if (!isObject(result) || result["isError"] === true || effect === "reads" || effect === "keeps_list") return;
  const batch = isObject(result["structuredContent"]) ? result["structuredContent"]["batch"] : undefined;
  if (isObject(batch) && batch["status"] !== "draft") started.add(String(batch["batch_id"]));
}

/** Dials of a simulated world whose batch no call had started. */
async function dialedOfNobody(world: World, started: ReadonlySet<string>): Promise<readonly string[]> {
  const wrong = new Set<string>();
  for (const { callId } of world.carrier.dials.slice(-100)) {
    const batch = String((await world.api.getCall(callId)).batchId);
    const isPart = [...started].some((id) => id.startsWith("group_"));
    if (!started.has(batch) && !isPart) wrong.add(`No call started ${batch}, and ${callId} of it was dialed.`);
  }
  return [...wrong];
}
