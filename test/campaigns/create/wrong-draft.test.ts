import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HostedApi } from "../../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../../support/world.ts";

let hosted: HostedApi;
let world: World;
/** Whether a batch that is no draft can be put back to one. */
let takesBack: boolean;

// In front of the stand-in: it refuses what the pages say the API refuses, to delete what is neither draft nor completed.
const door = createServer(async (incoming, response) => {
  const path = incoming.url ?? "/";
  const { method = "GET" } = incoming;
  const batch = hosted.batches.get(path.split("/").at(-1) ?? "");
  const isRefused = (method === "DELETE" && batch?.status !== "draft") || (method === "PATCH" && !takesBack);
  if (isRefused) {
    const body = {
      message: "Validation error",
      status: "error",
      error: `Cannot delete batch call with status ${batch?.status}`,
    };
    response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify(body));
    return;
  }
  const body = await buffer(incoming);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${hosted.url}${path}`, { method, headers, ...(body.length > 0 && { body }) });
  response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
});

beforeEach(async () => {
  takesBack = true;
  hosted = await HostedApi.start();
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  world = await startWorld({ upstream: () => `http://127.0.0.1:${(door.address() as AddressInfo).port}` });
  hosted.distortion = { status: "scheduled" };
});
afterEach(async () => {
  await world.stop();
  door.closeAllConnections();
  await new Promise((resolve) => door.close(resolve));
  await hosted.stop();
});

const create = () => world.problem("create_batch_call", request(3, { agent_id: "agent_1" }));

test("a batch that the API scheduled instead of drafting is put back to draft and deleted", async () => {
  expect((await create()).message).toMatch(/status is "scheduled", not "draft".*Nothing was created/s);
  expect(hosted.batches.size).toBe(0);
});

test("one that cannot be taken back is never said to call nobody", async () => {
  takesBack = false;
  const { code, message } = await create();
  expect(code).toBe("bad_response");
  expect(message).toMatch(/could not be taken back and may call people.*portal/s);
  expect(message).not.toMatch(/calls nobody/);
});

test("one that the API set going is kept and told, and asked for again it is not made a second time", async () => {
  hosted.distortion = { status: "SENT" };
  const { code, message } = await create();
  expect(code).toBe("bad_response");
  expect(message).toMatch(/set batch_call_\S+ going by itself, which nobody agreed to: it may have called people/);
  expect(message).not.toMatch(/Nothing was created/);
  hosted.distortion = {};
  const again = await world.tool("create_batch_call", request(3, { agent_id: "agent_1" }));
  expect(again).toMatchObject({ batch: { status: "sent" } });
  expect(again["warnings"]).toEqual([
    expect.stringMatching(/no start of it was sent from here: the API started it by itself.*portal/),
  ]);
  expect(hosted.batches.size).toBe(1);
  const started = await world.problem("start_batch", { batch_id: again.batch.batch_id, start: "now" });
  expect(started.code).toBe("wrong_state");
});

test.each([
  ["retries that were not sent", { retry_config: { enabled: true, max_attempts: 9 } }, "retry_config"],
  ["quiet hours that it has not", { quiet_hours: null }, "quiet_hours"],
  ["a canary that was not sent", { steering: { canary: { share: 10, pause_if: [], afterwards: "go_on" } } }, "canary"],
  ["other questions", { answers_wanted: [{ name: "age", meaning: "How old they are" }] }, "answers_wanted"],
  ["people left out", { exclude: { called_within_days: 7, except_batch_ids: ["batch_call_1"] } }, "exclude"],
])("one of which the API shows %s is refused and deleted", async (_what, shown, field) => {
  // What is no draft is not read again for a while.
  hosted.distortion = { status: "scheduled", ...shown };
  const hours = { enabled: true, start_time: "21:00", end_time: "09:00" };
  const { message } = await world.problem("create_batch_call", request(3, { agent_id: "agent_1", quiet_hours: hours }));
  expect(message).toMatch(new RegExp(`${field} is .*Nothing was created`, "s"));
  expect(hosted.batches.size).toBe(0);
});

/** `+12125550141` as (212) 555-0141. */
const atHome = (n: number) => numberOf(n).replace(/^\+1(...)(...)(....)$/, "($1) $2-$3");

/** Fields of what the API keeps, which its answer to the create does not show. */
const keptAs = (fields: object) => {
  hosted.distortion = {};
  hosted.onTaken = ({ method, path }) => {
    if (method !== "POST" || path !== "/batch-call") return;
    for (const batch of hosted.batches.values()) Object.assign(batch, fields);
  };
};
const createInTime = () => world.whileTimePasses(create());
const number = (n: number) => ({ to_number: `+1212555014${n}` });

test.each([
  ["another agent", { agent_id: "agent_2" }, /agent_id is "agent_2", not "agent_1"/],
  ["another caller id", { from_number: "+14155550199" }, /from_number is "\+14155550199"/],
  ["other people", { tasks: [1, 2, 3].map(number) }, /tasks lists 3 numbers, of which 3 were not sent, and misses 3/],
  [
    "somebody twice",
    { tasks: [1, 1, 1].map(() => ({ to_number: numberOf(1) })) },
    /of which 0 were not sent, and misses 2/,
  ],
])("one that the API answers as it was sent and keeps with %s is refused and deleted", async (_what, fields, words) => {
  keptAs(fields);
  const { code, message } = await createInTime();
  expect(code).toBe("bad_response");
  expect(message).toMatch(words);
  expect(message).toContain("Nothing was created");
  expect(hosted.batches.size).toBe(0);
});

test("one that the API answers as a draft and sets going is kept and told, and is not made again", async () => {
  keptAs({ status: "SENT" });
  expect((await createInTime()).message).toMatch(/set batch_call_\S+ going by itself/);
  expect(hosted.batches.size).toBe(1);
  const again = await world.tool("create_batch_call", request(3, { agent_id: "agent_1" }));
  expect(again).toMatchObject({ replayed: true, batch: { status: "sent" } });
  expect(hosted.batches.size).toBe(1);
});

test("one that cannot be read back is in doubt, and the same call again finds it and reads it", async () => {
  hosted.distortion = {};
  hosted.faultOf = ({ method, path }) => (method === "GET" && path.startsWith("/batch-call/batch_") ? 404 : undefined);
  const { code, message } = await createInTime();
  expect(code).toBe("outcome_unknown");
  expect(message).toMatch(
    /made batch_call_\S+ as a draft, and it could not be read back: .*Nobody is called.*the same arguments finds that batch/s,
  );
  expect(message).not.toMatch(/Nothing (was )?changed|Take ids|BATCH_CALL_API_URL|In two minutes/);
  expect(hosted.batches.size).toBe(1);
  expect(hosted.dangerous).toEqual([]);
  expect((await createInTime()).code).toBe("outcome_unknown");
  hosted.faultOf = () => undefined;
  const again = await world.tool("create_batch_call", request(3, { agent_id: "agent_1" }));
  expect(again).toMatchObject({ replayed: true, batch: { status: "draft" } });
  expect(hosted.batches.size).toBe(1);
  expect(hosted.dangerous).toEqual([]);
});

test("one that was in doubt and is other than it was sent when it is found is deleted", async () => {
  keptAs({ tasks: [1, 2, 3].map(number) });
  hosted.faultOf = ({ method, path }) => (method === "GET" && path.endsWith("/tasks") ? 500 : undefined);
  expect((await createInTime()).code).toBe("outcome_unknown");
  hosted.faultOf = () => undefined;
  expect((await createInTime()).message).toMatch(/3 were not sent.*Nothing was created/s);
  expect(hosted.batches.size).toBe(0);
});

test("one of which the API shows less when it is read is what it was answered as", async () => {
  hosted.distortion = {};
  hosted.onTaken = ({ method, path }) => {
    if (method === "POST" && path === "/batch-call") hosted.hidden = ["agent_id", "from_number", "timezone"];
  };
  const { batch, unverified } = await world.tool("create_batch_call", request(3, { agent_id: "agent_1" }));
  expect([batch.status, unverified]).toEqual(["draft", undefined]);
});

test.each([
  ["smaller pages than it is asked for", (asked: number) => Math.min(asked, 50)],
  ["everybody on one page", () => 250],
])("one of which the API lists %s is read whole, once", async (_what, pageSize) => {
  hosted.distortion = {};
  hosted.pageSize = pageSize;
  const made = await world.tool("create_batch_call", request(250, { agent_id: "agent_1" }));
  expect(made).toMatchObject({ batch: { status: "draft" } });
  expect(hosted.batches.size).toBe(1);
});

test.each([
  ["numbers without a plus", { tasks: [1, 2, 3].map((n) => ({ to_number: numberOf(n).slice(1) })) }],
  ["numbers as they are written at home", { tasks: [1, 2, 3].map((n) => ({ to_number: atHome(n) })) }],
  ["masked numbers", { tasks: [1, 2, 3].map((n) => ({ to_number: `***${numberOf(n).slice(-4)}` })) }],
  ["its caller id without a plus", { from_number: "14155550100" }],
  ["rules that are off", { quiet_hours: { enabled: false }, retry_rules: [], retry_config: { enabled: false } }],
])("one that the API keeps with %s is what was sent", async (_what, fields) => {
  keptAs(fields);
  const made = await world.whileTimePasses(world.tool("create_batch_call", request(3, { agent_id: "agent_1" })));
  expect(made).toMatchObject({ batch: { status: "draft" } });
  expect(hosted.batches.size).toBe(1);
});

test.each([
  ["fewer people", { total_task_count: 2 }],
  ["nobody on its list", { tasks: [] }],
  ["some of its list", { tasks: [{ to_number: numberOf(1) }] }],
])("one of which the API shows %s for now is kept and found again", async (_what, fields) => {
  keptAs(fields);
  const { code, message } = await createInTime();
  expect(code).toBe("outcome_unknown");
  expect(message).toMatch(/could not be read back: It shows \d and lists \d of 3 people/);
  expect(hosted.batches.size).toBe(1);
  for (const batch of hosted.batches.values())
    Object.assign(batch, { total_task_count: 3, tasks: [1, 2, 3].map((n) => ({ to_number: numberOf(n) })) });
  expect(await world.tool("create_batch_call", request(3, { agent_id: "agent_1" }))).toMatchObject({ replayed: true });
  expect(hosted.batches.size).toBe(1);
});
