import { open } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Log } from "../../../src/lib/log.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { openDatabase } from "../../../src/lib/sqlite.ts";
import { simulatedAccount } from "../../../src/service/accounts/simulated-account.ts";
import { type AppParts, createApp } from "../../../src/service/rest/app.ts";
import { sqliteSchemaSteps } from "../../../src/service/store/sqlite/schema.ts";
import { type Store, StoreUnavailable } from "../../../src/service/store/store.ts";
import { batchOf, callerId, numberOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";

const newest = sqliteSchemaSteps.length;

let world: ServiceWorld;
const logged: { fields: object; message: string }[] = [];
const log: Log = { ...silentLog, error: (fields, message) => void logged.push({ fields, message }) };
beforeAll(async () => {
  world = await ServiceWorld.start({ log });
});
afterAll(() => world.stop());

const maxBodyBytes = 8 * 1024 * 1024;

function refusal(status: number, message: string, error: unknown) {
  return { status, body: { message, status: "error", error } };
}

test.each([
  ["no keys", {}],
  ["only the key", { "X-API-KEY": "sk_first" }],
  ["only the secret", { "X-API-SECRET": "s3cr3t_first" }],
  ["a wrong secret", { "X-API-KEY": "sk_first", "X-API-SECRET": "s3cr3t_wrong" }],
  ["the secret of another organization", { "X-API-KEY": "sk_first", "X-API-SECRET": "s3cr3t_second" }],
  ["empty keys", { "X-API-KEY": "", "X-API-SECRET": "" }],
])("%s: 401, on every kind of route", async (_what, headers) => {
  for (const [method, path] of [
    ["GET", "/batch-call/list"],
    ["POST", "/batch-call"],
    ["GET", "/api/agents"],
    ["GET", "/do-not-call"],
    ["GET", "/nothing"],
  ] as const) {
    const reply = await world.call(method, path, { as: "nobody", headers });
    expect(reply).toMatchObject(refusal(401, "Unauthorized", "Missing or invalid API key/secret"));
    expect(reply.headers.get("x-environment")).toBe("simulated");
  }
});

test("health and the OpenAPI document need no keys", async () => {
  const health = await world.call("GET", "/healthz", { as: "nobody" });
  expect(health.body).toEqual({
    status: "ok",
    service: "batch-call-mcp",
    version: "0.1.0",
    contract_version: 1,
    schema_version: newest,
    environment: "simulated",
    process: "service",
    dialing: {
      in_flight: 0,
      last_pass_at: world.clock.now().toISOString(),
      carrier: "ready",
      starts_per_second: 5,
    },
  });
  expect((await world.call("GET", "/openapi.json", { as: "nobody" })).status).toBe(200);
});

test.each([
  [
    "that is away",
    () => Promise.reject(new StoreUnavailable("ECONNREFUSED", "connect ECONNREFUSED")),
    { status: "database_unavailable", schema_version: newest },
  ],
  ["that a newer copy changed", async () => newest + 1, { status: "newer_schema", schema_version: newest + 1 }],
])("health is 503 for a database %s", async (_what, schemaVersion, body) => {
  const { store } = world;
  const app = createApp({ ...appParts(store), store: { ...store, schemaVersion } });
  const reply = await app.request("/healthz");
  expect(reply.status).toBe(503);
  expect(reply.headers.get("retry-after")).toBe("2");
  expect(await reply.json()).toMatchObject(body);
});

test("a request that finds the database away is 503, says that the outcome is open, and logs no more than a code", async () => {
  const { store } = world;
  const lines: object[] = [];
  const getBatch = () => Promise.reject(new StoreUnavailable("57P01", "terminating connection"));
  const app = createApp({
    ...appParts(store),
    store: { ...store, getBatch },
    log: { ...silentLog, warn: (fields) => void lines.push(fields) },
  });
  const reply = await app.request("/batch-call/batch_call_1", { headers: { "X-API-KEY": "k", "X-API-SECRET": "s" } });
  expect(reply.status).toBe(503);
  expect(reply.headers.get("retry-after")).toBe("2");
  expect(await reply.json()).toEqual({
    message: "Service unavailable",
    status: "error",
    error: expect.stringMatching(/cannot reach its database.*not known/),
  });
  expect(lines).toEqual([
    { code: "57P01", reason: "terminating connection", method: "GET", route: expect.any(String) },
  ]);
});

function appParts(store: Store): AppParts {
  return {
    store,
    clock: world.clock,
    log: silentLog,
    environment: "simulated",
    callLimits: { concurrent: 10, startsPerSecond: 5 },
    answersEnveloped: false,
    account: async () => simulatedAccount,
    keyring: { organizationOf: () => "org_first" },
    dialing: {
      wake() {},
      settled: async () => {},
      stopped: async () => {},
      carrierRest: () => undefined,
      lineWaitOf: () => undefined,
    },
    process: "service" as const,
    standing: () => ({ inFlight: 0, startsPerSecond: 5 }),
    metrics: { contentType: "text/plain", render: async () => "" },
  };
}

test("an unknown route is 404 in the envelope", async () => {
  const reply = await world.call("GET", "/batch-calls");
  expect(reply).toMatchObject(refusal(404, "Not found", "There is no route GET /batch-calls"));
  expect(reply.headers.get("x-environment")).toBe("simulated");
});

test.each([
  ["PUT", "/batch-call", "POST"],
  ["DELETE", "/api/agents", "GET, HEAD, POST"],
  ["GET", "/batch-call/batch_call_1/execute", "POST"],
  ["POST", "/batch-call/batch_call_1", "GET, HEAD, PUT, PATCH, DELETE"],
  ["DELETE", "/healthz", "GET, HEAD"],
])("%s %s is 405 and says what the route takes", async (method, path, allowed) => {
  const reply = await world.call(method, path);
  expect(reply).toMatchObject(refusal(405, "Method not allowed", `${path} takes ${allowed}, not ${method}.`));
  expect(reply.headers.get("allow")).toBe(allowed);
});

test.each(["{", "", "nope", '{"a":1,}', "\u0000"])("the body %j is 400 where one is needed", async (rawBody) => {
  for (const [method, path] of [
    ["POST", "/batch-call"],
    ["POST", "/do-not-call"],
  ] as const) {
    const reply = await world.call(method, path, { rawBody });
    expect([reply.status, reply.body.message, reply.body.status]).toEqual([400, "Validation error", "error"]);
  }
});

test("bytes that are no UTF-8 are 400, and nothing is stored in their place", async () => {
  const [before, after] = JSON.stringify(batchOf({ name: "X-HERE-X" })).split("HERE");
  const body = Buffer.concat([Buffer.from(before ?? ""), Buffer.from([0xff, 0xfe]), Buffer.from(after ?? "")]);
  const response = await fetch(new URL("/batch-call", world.url), {
    method: "POST",
    body,
    headers: { "X-API-KEY": "sk_first", "X-API-SECRET": "s3cr3t_first" },
  });
  expect([response.status, await response.json()]).toEqual([
    400,
    { message: "Validation error", status: "error", error: "The request body is not valid JSON." },
  ]);
});

test("wrong types are 400, and every wrong field is named", async () => {
  const body = {
    from_number: 14155550100,
    name: "",
    agent_id: null,
    send_now: "yes",
    timezone: "Mars/Olympus",
    tasks: [{ to_number: "555" }, {}],
    retry_rules: {},
  };
  const reply = await world.call("POST", "/batch-call", { body });
  expect([reply.status, reply.body.message]).toEqual([400, "Validation error"]);
  for (const field of [
    "from_number:",
    "name:",
    "agent_id:",
    "send_now:",
    "timezone:",
    "tasks[0].to_number:",
    "tasks[1].to_number:",
    "retry_rules:",
  ]) {
    expect(reply.body.error).toContain(field);
  }
});

test.each([
  ["neither send_now nor a time", { status: undefined }, "trigger_timestamp: Give trigger_timestamp"],
  ["status scheduled alone", { status: "scheduled" }, "trigger_timestamp: Give trigger_timestamp"],
  ["status sent alone", { status: "sent" }, "trigger_timestamp: Give trigger_timestamp"],
  ["a time that passed", { status: undefined, trigger_timestamp: 1 }, "trigger_timestamp: Must be in the future"],
  ["no tasks", { tasks: [] }, "tasks: Must be at least 1 elements."],
  ["too many tasks", { tasks: tasksOf(1001) }, "tasks: Must be at most 1000 elements."],
  ["a name that is too long", { name: "x".repeat(256) }, "name: Must be at most 255 characters."],
  [
    "the caller on the list",
    { tasks: [{ to_number: numberOf(1) }, { to_number: callerId }] },
    "tasks[1].to_number: Must differ from from_number.",
  ],
  [
    "variables over 5,120 bytes",
    { tasks: [{ to_number: numberOf(1), dynamic_variables: { a: "é".repeat(2560) } }] },
    "tasks[0].dynamic_variables: Must be at most 5120 bytes",
  ],
  ["an agent that does not exist", { agent_id: "agent_none" }, "agent_id: Agent with ID 'agent_none' does not exist"],
  [
    "a caller id of somebody else",
    { from_number: "+14155550199" },
    "from_number: Is not a number of this organization",
  ],
])("%s is 400 and creates nothing", async (_what, overrides, error) => {
  const before = (await world.call("GET", "/batch-call/list")).body.data.pagination.total_count;
  const reply = await world.call("POST", "/batch-call", { body: batchOf(overrides) });
  expect(reply).toMatchObject(refusal(400, "Validation error", expect.stringContaining(error)));
  expect((await world.call("GET", "/batch-call/list")).body.data.pagination.total_count).toBe(before);
});

test.each([
  [{ agent_id: "agent_none" }, "agent_id:"],
  [{ trigger_timestamp: 1 }, "trigger_timestamp:"],
  [{ name: "" }, "name:"],
  [{ status: "sent", trigger_timestamp: 4_000_000_000_000 }, "status:"],
])("PATCH %o is 400 and changes nothing", async (body, error) => {
  const id = await world.create();
  const before = await world.batch(id);
  const reply = await world.call("PATCH", `/batch-call/${id}`, { body });
  expect(reply).toMatchObject(refusal(400, "Validation error", expect.stringContaining(error)));
  expect(await world.batch(id)).toEqual(before);
});

test.each([
  ["GET", "/batch-call/list?limit=101", "limit:"],
  ["GET", "/batch-call/list?page=-1", "page:"],
  ["GET", "/batch-call/list?sort_by=colour", "sort_by:"],
  ["GET", "/api/calls?limit=0", "limit:"],
  ["GET", "/do-not-call?page=x", "page:"],
])("%s %s is 400", async (method, path, error) => {
  expect(await world.call(method, path)).toMatchObject(
    refusal(400, "Validation error", expect.stringContaining(error)),
  );
});

test("a filter of calls that the service does not know is refused, not ignored", async () => {
  const reply = await world.call("POST", "/api/calls", { body: { filter_criteria: { transcript_search: "refund" } } });
  expect(reply).toMatchObject(refusal(400, "Validation error", expect.stringContaining("transcript_search")));
});

test("unknown things are 404 in the documented words", async () => {
  for (const [method, path, body] of [
    ["GET", "/batch-call/batch_call_none"],
    ["PUT", "/batch-call/batch_call_none", batchOf()],
    ["PATCH", "/batch-call/batch_call_none", { name: "x" }],
    ["DELETE", "/batch-call/batch_call_none"],
    ["POST", "/batch-call/batch_call_none/execute"],
    ["POST", "/batch-call/batch_call_none/pause"],
    ["POST", "/batch-call/batch_call_none/resume"],
    ["POST", "/batch-call/batch_call_none/cancel"],
    ["GET", "/batch-call/batch_call_none/tasks"],
    ["GET", "/batch-call/%E0%A4%A"],
  ] as const) {
    expect(await world.call(method, path, { body })).toMatchObject(
      refusal(404, "Batch call not found", "Batch call does not exist"),
    );
  }
  expect(await world.call("GET", "/api/calls/call_x")).toMatchObject(
    refusal(404, "Call not found", "Call with ID 'call_x' does not exist"),
  );
  expect(await world.call("GET", "/api/agents/agent_x/full")).toMatchObject(
    refusal(404, "Agent not found", "Agent with ID 'agent_x' does not exist in organization 'org_first'"),
  );
  expect((await world.call("GET", "/api/phone-numbers/%2B14155550199")).status).toBe(404);
});

test("a legal batch of the largest size is taken", async () => {
  const variables = { text: "x".repeat(5120 - '{"text":""}'.length) };
  const body = batchOf({ tasks: tasksOf(1000).map(({ to_number }) => ({ to_number, dynamic_variables: variables })) });
  expect(JSON.stringify(body).length).toBeGreaterThan(5_000_000);
  expect(await world.call("POST", "/batch-call", { body })).toMatchObject({ status: 200, body: { total: 1000 } });
});

test("a body over 8 MiB is 413, whether its length is announced or not", async () => {
  const tooLarge = refusal(413, "Payload too large", expect.stringContaining("8 MiB"));
  expect(await world.call("POST", "/batch-call", { rawBody: " ".repeat(maxBodyBytes + 1) })).toMatchObject(tooLarge);
  const chunk = new Uint8Array(1024 * 1024).fill(32);
  expect(await sendChunked("/batch-call", Array(9).fill(chunk))).toMatchObject(tooLarge);
});

test("a body of legal size is read in chunks too, also where a character is cut in two", async () => {
  const bytes = new TextEncoder().encode(JSON.stringify(batchOf({ name: "Erinnerung für Juni" })));
  const middle = bytes.indexOf(0xc3) + 1;
  const reply = await sendChunked("/batch-call", [bytes.subarray(0, middle), bytes.subarray(middle)]);
  expect(reply).toMatchObject({ status: 200, body: { name: "Erinnerung für Juni" } });
});

test("a length that lies does not get a longer body in", async () => {
  const keys = "X-API-KEY: sk_first\r\nX-API-SECRET: s3cr3t_first\r\n";
  const answer = await raw(
    `POST /batch-call HTTP/1.1\r\nHost: x\r\n${keys}Content-Length: 2\r\n\r\n${JSON.stringify(batchOf())}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).not.toContain("batch_call_");
});

test("what is no HTTP is answered in the envelope too", async () => {
  const answer = await raw("HELLO\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toEqual({
    message: "Bad request",
    status: "error",
    error: "This is not a valid HTTP/1.1 request.",
  });
});

test("a failure of our own is 500 with a reference that stands in the log, and tells nothing else", async () => {
  const broken = await ServiceWorld.start({ log });
  const database = openDatabase(join(broken.dataDir, "service.sqlite"));
  database.exec("DROP TABLE do_not_call");
  database.close();
  const reply = await broken.call("GET", "/do-not-call");
  expect(reply).toMatchObject(
    refusal(
      500,
      "Internal server error",
      expect.stringMatching(/^The request failed for a reason of our own\. Reference: [0-9a-f-]{36}$/),
    ),
  );
  expect(reply.headers.get("x-environment")).toBe("simulated");
  const reference = reply.body.error.split(" ").at(-1);
  expect(logged).toContainEqual({
    message: "A request failed",
    fields: expect.objectContaining({ reference, route: "/do-not-call" }),
  });
  await broken.stop();
});

test("a database that is damaged is 503 and named, with what to do and a reference", async () => {
  const damaged = await ServiceWorld.start({ log });
  const path = join(damaged.dataDir, "service.sqlite");
  const database = openDatabase(path);
  // The service reads the file again after a change by somebody else.
  database.exec("CREATE TABLE another (x); PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  const pageBytes = 4096;
  const file = await open(path, "r+");
  await file.write(Buffer.alloc((await file.stat()).size - pageBytes, 0xee), 0, undefined, pageBytes);
  await file.close();
  const reply = await damaged.call("GET", "/do-not-call");
  expect(reply).toMatchObject(
    refusal(
      503,
      "Service unavailable",
      expect.stringMatching(/^The service cannot use its database: a database file is damaged\..*backup.*Reference: /),
    ),
  );
  await damaged.stop();
});

/** Sends a body whose length is not announced. */
async function sendChunked(path: string, chunks: readonly Uint8Array[]): Promise<{ status: number; body: unknown }> {
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const response = await fetch(new URL(path, world.url), {
    method: "POST",
    body,
    duplex: "half",
    headers: { "X-API-KEY": "sk_first", "X-API-SECRET": "s3cr3t_first" },
  } as RequestInit);
  return { status: response.status, body: await response.json() };
}

function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(world.url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.write(request);
  });
}
