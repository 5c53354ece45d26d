import { test } from "vitest";
import { playSequences } from "../support/model/play.ts";

const parts = [1, 501, 1001, 1501];
const sequences = 500;

test.each(parts)(
  `no phone rings outside of an agreement, twice or too soon, whatever is done in whatever order (${sequences} sequences from seed %i)`,
  (first) => playSequences(first, sequences),
  180_000,
);
