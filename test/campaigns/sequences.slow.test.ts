import { test } from "vitest";
import { playSequences } from "../support/model/play.ts";

const parts = [1, 101, 201, 301];
const sequences = 60;

test.each(parts)(
  `no phone rings outside of an agreement, twice or too soon, whatever is done in whatever order (${sequences} sequences from seed %i)`,
  (first) => playSequences(first, sequences),
  300_000,
);
