import type { ServedTools } from "../../../src/mcp/served.ts";
import type { Random } from "../random.ts";
import type { Findings } from "./report.ts";

export type FrameRound = {
  readonly served: ServedTools;
  readonly random: Random;
  readonly cases: number;
  readonly findings: Findings;
  /** Tells what went wrong at a case, counted from 1, and what was sent. */
  readonly wrong: (at: number) => (what: string, sent: string) => void;
};
