import { expect, test } from "vitest";
import { createAtOnce } from "../../support/campaigns/same-content.ts";

test("20 contents, each created 50 times at once by two processes, are 20 batches", async () => {
  expect(await createAtOnce(20, 50)).toEqual({
    creates: 1000,
    batches: 20,
    requests: 20,
    answeredApart: 0,
    made: 20,
    startsSent: 0,
  });
});
