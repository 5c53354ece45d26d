import { test } from "vitest";
import { playSequences } from "../support/model/play.ts";

const parts = [1, 251, 501, 751, 1001, 1251, 1501, 1751];
const sequences = 250;

test.each(parts)(
  `no phone rings outside of an agreement, twice or too soon, whatever is done in whatever order (${sequences} sequences from seed %i)`,
  (first) => playSequences(first, sequences),
  300_000,
);
