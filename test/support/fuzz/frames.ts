import { silentLog } from "../../../src/lib/log.ts";
import type { ServedTools } from "../../../src/mcp/served.ts";
import { selectPrompts } from "../../../src/prompts/index.ts";
import { selectResources } from "../../../src/resources/index.ts";
import { tools } from "../../../src/tools/index.ts";
import { Random } from "../random.ts";
import { startWorld, type World } from "../world.ts";
import { playHttpRound } from "./http-frames.ts";
import { Findings, type FuzzReport, playRounds, type Rounds } from "./report.ts";
import { playStdioRound } from "./stdio-frames.ts";

const perRound = 1000;

/**
 * Bytes that are a message, nearly one or none, over stdio in every second round and over HTTP in the others. What answers must be
 * JSON-RPC with the right code, over HTTP never 5xx, and a good client must be served after each.
 */
export function fuzzFrames(rounds: Rounds): Promise<FuzzReport> {
  const findings = new Findings("npm run fuzz -- frames");
  return playRounds(rounds, perRound, findings, async (seed, cases) => {
    const world = await startWorld({ isQuick: true });
    const play = seed % 2 === 0 ? playStdioRound : playHttpRound;
    const random = new Random(seed);
    const wrong = (at: number) => (what: string, sent: string) => findings.wrong(what, { seed, cases: at, sent });
    await play({ served: serve(world), random, cases, findings, wrong });
    if (world.carrier.dials.length > 0) wrong(cases)("Somebody was dialed.", "the whole round");
    await world.stop();
  });
}

function serve(world: World): ServedTools {
  return {
    tools: tools.filter(({ effect }) => effect === "reads"),
    resources: selectResources({ isReadOnly: true }),
    prompts: selectPrompts({ isReadOnly: true }),
    makeContext: (caller) => ({ ...world.context, ...caller }),
    version: "0.0.0",
    log: silentLog,
  };
}
