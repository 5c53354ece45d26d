import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostedApi } from "../support/http/hosted-api.ts";
import { request, startWorld, type World } from "../support/world.ts";

// The direct way: what an API without our extensions cannot do, our queue in front of it can, and the refusal says how.

let hosted: HostedApi;
let world: World;
beforeEach(async () => {
  hosted = await HostedApi.start();
  world = await startWorld({ upstream: () => hosted.url });
});
afterEach(async () => {
  await world.stop();
  await hosted.stop();
});

const [newYork, losAngeles] = ["+12125550101", "+12135550102"];
const ours = (changes: object = {}): object =>
  request(2, { agent_id: "agent_1", tasks: [{ to_number: newYork }, { to_number: losAngeles }], ...changes });
const create = async (): Promise<string> => (await world.tool("create_batch_call", ours())).batch.batch_id;
const running = async (): Promise<string> => {
  const id = await create();
  Object.assign(hosted.batches.get(id) ?? {}, { status: "SENT" });
  return id;
};
const unreached = async (): Promise<string> => {
  const id = await create();
  hosted.taskStatus = "FAILED";
  return id;
};

/** What to set and what to run, once. */
function namesTheWay({ message }: { readonly message: string }): void {
  expect(message.split("`batch-call-mcp service` with BATCH_CALL_CARRIER=hosted")).toHaveLength(2);
  for (const name of ["BATCH_CALL_CARRIER_KEY", "BATCH_CALL_CARRIER_SECRET", "BATCH_CALL_API_URL"])
    expect(message).toContain(name);
}

describe("a refusal of what our queue in front of the API can do names it:", () => {
  test.each([
    ["days without calls", { quiet_hours: { enabled: true, days: ["sunday"] } }],
    [
      "hours on each recipient's clock",
      { timezone: "recipient", quiet_hours: { enabled: true, start_time: "21:00", end_time: "09:00" } },
    ],
    ["dates without calls", { quiet_hours: { enabled: true, not_on: ["2026-03-04"] } }],
    ["public holidays", { quiet_hours: { enabled: true, holidays: true } }],
    ["a start at their own time", { start: "at_time", start_at: "2026-03-03T10:00", timezone: "recipient" }],
    ["a canary", { canary: { count: 1 } }],
    ["conditions of an early end", { stop_when: { calls: 1 } }],
    ["people who were called lately", { exclude: { called_within_days: 3 } }],
    ["people who were reached lately", { exclude: { reached_within_days: 3 } }],
    [
      "a voicemail that ends the calls",
      { voicemail: { mode: "accept" }, retry_config: { enabled: true, max_attempts: 3 } },
    ],
  ])("%s", async (_what, changes) => {
    const problem = await world.problem("create_batch_call", ours(changes));
    expect(problem.code).toBe("unsupported");
    namesTheWay(problem);
    const preview = await world.problem("preview_batch_call", ours(changes));
    expect(preview.code).toBe("unsupported");
    namesTheWay(preview);
  });

  test.each([
    ["a canary", { canary: { count: 1 } }, "the first people in a small batch"],
    ["conditions of an early end", { stop_when: { calls: 1 } }, "batches of so few people"],
    ["a pace", { pace: { at_once: 1 } }, "Leave it out. Our own queue"],
  ])("%s, with what to do without it", async (_what, changes, instead) => {
    const { message } = await world.problem("update_batch", { batch_id: await create(), ...changes });
    expect(message).toContain(instead);
    expect(message.includes("first people")).toBe("canary" in changes);
  });

  test.each([
    ["days without calls", { quiet_hours: { enabled: true, days: ["sunday"] } }],
    [
      "hours on each recipient's clock",
      { quiet_hours: { enabled: true, start_time: "21:00", end_time: "09:00", timezone: "recipient" } },
    ],
    ["a canary", { canary: { count: 1 } }],
    ["conditions of an early end", { stop_when: { calls: 1 } }],
  ])("a change of a draft to %s", async (_what, changes) => {
    const problem = await world.problem("update_batch", { batch_id: await create(), ...changes });
    expect(problem.code).toBe("unsupported");
    namesTheWay(problem);
  });

  test.each([["pause_batch"], ["cancel_batch"]])("%s of one that runs", async (tool) => {
    const problem = await world.problem(tool, { batch_id: await running() });
    expect(problem.code).toBe("unsupported");
    namesTheWay(problem);
  });

  test("a change of one that runs", async () => {
    const change = { batch_id: await running(), retry_config: { enabled: true, max_attempts: 2 } };
    const problem = await world.problem("update_batch", change);
    expect(problem.code).toBe("wrong_state");
    namesTheWay(problem);
  });

  test("a pace of its own", async () => {
    namesTheWay(await world.problem("update_batch", { batch_id: await create(), pace: { at_once: 1 } }));
  });

  test("rules of a draft, without its list", async () => {
    const change = { batch_id: await create(), retry_config: { enabled: true, max_attempts: 2 } };
    namesTheWay(await world.problem("update_batch", change));
  });

  test("people by why they were not reached, in results and for a retry", async () => {
    const id = await unreached();
    namesTheWay(await world.problem("get_batch_results", { batch_id: id, outcome: "busy" }));
    const again = ours({ tasks: undefined, from_batch: { batch_id: id, outcomes: ["busy"] } });
    namesTheWay(await world.problem("preview_batch_call", again));
  });
});

test.each([
  ["wishes for answers", { answers_wanted: [{ name: "comes", meaning: "Do they come?" }] }],
  ["a message on voicemail", { voicemail: { mode: "leave_message", message: "Please call us." } }],
])("a refusal of %s does not: the queue cannot tell the API either", async (_what, changes) => {
  const { code, message } = await world.problem("create_batch_call", ours(changes));
  expect(code).toBe("unsupported");
  expect(message).not.toContain("hosted");
});
