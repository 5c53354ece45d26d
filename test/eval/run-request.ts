import type { Driver, MadeCall } from "./driver.ts";
import { EvalWorld } from "./eval-world.ts";
import { judge } from "./judge.ts";
import type { EvalRequest } from "./request.ts";

/** What came of one request. */
export type Verdict = {
  readonly id: string;
  /** What is wrong; empty where it passed. */
  readonly faults: readonly string[];
  readonly firstTool?: string;
  /** Whether the first call begins one of the ways, or the script. */
  readonly isFirstToolRight: boolean;
  readonly calls: number;
  /** What the tools refused, in their words. */
  readonly refusals: readonly string[];
  readonly tokens?: { readonly input: number; readonly output: number };
};

/** So long after the last call the world is judged: who was wrongly called has rung by then. */
const aftermath = { minutes: 6 };

/** Has a request done in a world of its own, and judges what was done and what is true afterwards. */
export async function runRequest(request: EvalRequest, driver: Driver): Promise<Verdict> {
  const world = await EvalWorld.start(request.setting);
  try {
    const before = await world.facts();
    const transcript = await driver(request, world);
    await world.pass(aftermath);
    const after = await world.facts();
    const { calls, tokens } = transcript;
    const first = calls[0];
    return {
      id: request.id,
      faults: judge(request, { before, after, transcript }),
      ...(first && { firstTool: first.tool }),
      isFirstToolRight: isRight(request, first),
      calls: calls.length,
      refusals: calls.filter(({ answer }) => answer.isError).map(({ tool, answer }) => `${tool}: ${answer.text}`),
      ...(tokens && { tokens }),
    };
  } finally {
    await world.stop();
  }
}

/** Where nothing needs to be called, no first call is right too. */
function isRight({ expected: { ways }, turns }: EvalRequest, first: MadeCall | undefined): boolean {
  if (first === undefined) return ways.some((way) => way.length === 0);
  return [...ways.map((way) => way[0]?.tool), turns.find(({ script }) => script.length > 0)?.script[0]?.tool].includes(
    first.tool,
  );
}
