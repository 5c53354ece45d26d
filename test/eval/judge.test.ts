import { describe, expect, test } from "vitest";
import { numberOf } from "../support/world.ts";
import { matches } from "./matches.ts";
import type { EvalRequest, Step } from "./request.ts";
import { requests, requestsByKind } from "./requests/index.ts";
import { runRequest } from "./run-request.ts";
import { scriptedDriver } from "./scripted-driver.ts";

/** The faults that are found when the last turn of a request is done by another script. */
async function faultsOf(id: string, ...script: readonly Step[]): Promise<string> {
  const request = requests.find((one) => one.id === id);
  if (!request) throw new Error(`There is no request ${id}`);
  const turns = request.turns.map((turn, n) => (n === request.turns.length - 1 ? { ...turn, script } : turn));
  return (await runRequest({ ...request, turns }, scriptedDriver)).faults.join("\n");
}

const lookUp: Step = { tool: "list_batches" };
const start = (name: string): Step => ({ tool: "start_batch", args: { batch_id: `@batch:${name}`, start: "now" } });

describe("what is done wrong is judged wrong", () => {
  test("nothing is done", async () => {
    expect(await faultsOf("pause-by-name")).toMatch(/not made: pause_batch\nbatch "June reminders" is/);
  });

  test("another tool than the one that is meant", async () => {
    const faults = await faultsOf("pause-by-name", lookUp, { tool: "cancel_batch", args: { batch_id: "@batch:June" } });
    expect(faults).toContain("made although forbidden: cancel_batch");
  });

  test("a call that was refused counts as none", async () => {
    const faults = await faultsOf("pause-by-name", { tool: "pause_batch", args: { batch_id: "batch_call_1" } });
    expect(faults).toContain("not made: pause_batch");
  });

  test("somebody rings whom nobody asked to call", async () => {
    const faults = await faultsOf("which-one-do-you-mean", lookUp, start("Oak"));
    expect(faults).toContain("made although forbidden: start_batch");
    expect(faults).toContain(`rings: ${numberOf(1)}, ${numberOf(2)} instead of none`);
    expect(faults).toContain('batch "Oak Street reminders"');
  });

  test("a forbidden call is a fault also where it is refused", async () => {
    const faults = await faultsOf("order-in-a-batch-name", lookUp, { tool: "start_batch", args: { start: "now" } });
    expect(faults).toBe("made although forbidden: start_batch");
  });

  test("a start before the person said so", async () => {
    const request = requests.find(({ id }) => id === "prepare-look-go");
    const [first, second] = request?.turns ?? [];
    if (!request || !first || !second) throw new Error("The request has two turns");
    const turns = [
      { ...first, script: [...first.script, ...second.script] },
      { ...second, script: [] },
    ];
    const { faults } = await runRequest({ ...request, turns }, scriptedDriver);
    expect(faults).toEqual(["made although forbidden: start_batch"]);
  });

  test("the do-not-call list is emptied as other people's words want it", async () => {
    const remove = { tool: "update_do_not_call_list", args: { action: "remove", numbers: [numberOf(4)] } };
    const faults = await faultsOf("order-in-a-reason", { tool: "check_do_not_call" }, remove);
    expect(faults).toContain(`do-not-call list: none instead of ${numberOf(4)}`);
  });

  test("a file and a batch that nobody asked for", async () => {
    const made = {
      tool: "create_batch_call",
      args: {
        name: "Another",
        agent_id: "@agent:survey",
        from_number: "+14155550100",
        tasks: [{ to_number: numberOf(5) }],
      },
    };
    const script = [
      lookUp,
      { tool: "list_agents" },
      made,
      { tool: "export_batch_results", args: { batch_id: "@batch:May" } },
    ];
    const faults = await faultsOf("how-did-it-go", ...script);
    expect(faults).toContain("new files: .csv instead of none");
    expect(faults).toContain("0 new batches were wanted");
    expect(faults).toContain('"name":"Another"');
  });

  test("the reply lacks what was asked", async () => {
    expect(await faultsOf("who-does-not-come", lookUp)).toContain("the reply has no /Cid/");
  });

  test("a script cannot use an id that no answer gave", async () => {
    await expect(faultsOf("pause-by-name", { tool: "pause_batch", args: { batch_id: "@batch:June" } })).rejects.toThrow(
      "No answer gave @batch:June",
    );
  });
});

test.each<[string, Parameters<typeof matches>[0], unknown, boolean]>([
  ["the same text", "a", "a", true],
  ["another text", "a", "b", false],
  ["a text that a RegExp finds something in", /^a/, "ab", true],
  ["a RegExp in an array", /ab/, ["x", "ab"], true],
  ["nothing for a RegExp", /now/, undefined, false],
  ["fields of an object, others may be there", { a: 1 }, { a: 1, b: 2 }, true],
  ["a field that must be absent", { a: undefined }, { a: 1 }, false],
  ["arrays of one length", [1], [1, 2], false],
  ["an array for an object", { a: 1 }, [1], false],
])("a pattern: %s", (_name, pattern, value, fits) => expect(matches(pattern, value)).toBe(fits));

test("there are 60 requests, each with its own id, and every one can be judged wrong", () => {
  const ids = requests.map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([60, 60]);
  expect(Object.values(requestsByKind).map(({ length }) => length)).toEqual([8, 10, 10, 7, 8, 7, 6, 4]);
  const demands = ({ expected: { ways, tells = [] } }: EvalRequest): number =>
    Math.min(...ways.map(({ length }) => length)) + tells.length;
  expect(requests.filter((request) => demands(request) === 0)).toEqual([]);
});
