import { expect, test } from "vitest";
import { fuzzFrames } from "../support/fuzz/frames.ts";

// `npm run fuzz -- frames` for more; what is wrong says which seed repeats it.
const seed = 1;

test("20,000 frames over stdio and HTTP are answered in JSON-RPC or not at all, and a good client is served after each", {
  timeout: 600_000,
}, async () => {
  const { wrong, cases, answers } = await fuzzFrames({ count: 20_000, seed });
  expect(wrong).toEqual([]);
  expect(cases).toBe(20_000);
  expect(answers).toMatchObject({
    "http 200": expect.any(Number),
    "http 400": expect.any(Number),
    "http 415": expect.any(Number),
    "stdio answer": expect.any(Number),
    "stdio error -32700": expect.any(Number),
    "stdio error -32600": expect.any(Number),
  });
});
