import { expect, test } from "vitest";
import { fuzzFrames } from "../support/fuzz/frames.ts";

// As many as cost some 20 s of CPU; `npm run fuzz -- frames --count 20000` for more; what is wrong says which seed repeats it.
const seed = 1;

test("8,000 frames over stdio and HTTP are answered in JSON-RPC or not at all, and a good client is served after each", {
  timeout: 600_000,
}, async () => {
  const { wrong, cases, answers } = await fuzzFrames({ count: 8_000, seed });
  expect(wrong).toEqual([]);
  expect(cases).toBe(8_000);
  expect(answers).toMatchObject({
    "http 200": expect.any(Number),
    "http 400": expect.any(Number),
    "http 415": expect.any(Number),
    "stdio answer": expect.any(Number),
    "stdio error -32700": expect.any(Number),
    "stdio error -32600": expect.any(Number),
  });
});
