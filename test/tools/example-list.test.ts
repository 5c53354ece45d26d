import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { request, startWorld } from "../support/world.ts";

test("the example list gives everybody it can, without a setting: all but one written twice and one without an area code", async () => {
  const sample = await readFile(new URL("../../examples/contacts.csv", import.meta.url), "utf8");
  const world = await startWorld();
  const input = request(1, { tasks: undefined, tasks_csv: sample, from_number: "+14155550100" });
  const answer = await world.tool("preview_batch_call", input);
  await world.stop();
  expect(answer).toMatchObject({ rows: { input: 30, accepted: 28, duplicate: 1, refused: 1 } });
  expect(answer.issues).toMatchObject([
    { row: 16, code: "duplicate" },
    { row: 22, code: "too_short" },
  ]);
  expect(answer.notes).toEqual([expect.stringMatching(/read as US, as the caller id is/)]);
});
