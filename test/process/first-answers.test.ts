import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { prepareAnswers } from "../../src/mcp/prepare-answers.ts";
import { builtProgram, createHome, type Home, root, run } from "../support/process/spawn.ts";

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

it.each([
  ["answers.json", false],
  ["answers-with-test-calls.json", true],
] as const)("dist/%s is what a server answers", async (name, hasTestNumbers) => {
  const built = JSON.parse(await readFile(join(root, "dist", name), "utf8"));
  expect(built).toEqual(JSON.parse(JSON.stringify(await prepareAnswers(hasTestNumbers))));
});

const opening = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};
const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };

it.each([
  ["without test calls", {}],
  ["with test calls", { BATCH_CALL_TEST_NUMBERS: "+12025550123" }],
])("what the built program answers early, %s, is what it answers itself", async (_which, settings) => {
  const program = run(await builtProgram(home, [], settings));
  program.process.stdin?.write(`${JSON.stringify(opening)}\n`);
  await program.answered(/"id":1/);
  program.process.stdin?.write(`${JSON.stringify(list)}\n`);
  await program.answered(/"id":2/);
  // By then the server is there, which logs when it would have answered otherwise.
  program.process.stdin?.write(`${JSON.stringify({ ...list, id: 3, params: { _meta: {} } })}\n`);
  await program.answered(/"id":3/);
  program.process.stdin?.end();
  expect(await program.exited).toBe(0);
  const answers = program
    .stdout()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(answers[1].result).toEqual(answers[2].result);
  expect(program.stderr()).not.toContain("a first answer was another");
});

it("a data directory that cannot be used ends the start with the reason, also after the first answers", async () => {
  const program = run(await builtProgram(home, [], { BATCH_CALL_DATA_DIR: "/proc/nowhere" }));
  program.process.stdin?.write(`${JSON.stringify(opening)}\n${JSON.stringify(list)}\n`);
  await program.answered(/"id":2/);
  expect(await program.exited).toBe(1);
  expect(program.stderr()).toContain("BATCH_CALL_DATA_DIR");
});
