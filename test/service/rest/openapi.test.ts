import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { routes } from "../../../src/contract/routes.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { buildOpenApi } from "../../../src/service/rest/app.ts";
import { endpoints } from "../../../src/service/rest/routes/endpoints.ts";
import { startRestService } from "../../support/fuzz/rest-service.ts";
import { agentId, batchOf, callerId, type Json, numberOf, ServiceWorld, tasksOf } from "../../support/service-world.ts";

type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: { "application/json": { schema: object } } };
  responses: Record<string, { description: string; content: Record<string, { schema: object }> }>;
  security?: unknown[];
  "x-extension"?: boolean;
};
const methods = ["get", "post", "put", "patch", "delete"] as const;

let world: ServiceWorld;
let document: {
  openapi: string;
  paths: Record<string, Partial<Record<(typeof methods)[number], Operation>>>;
  components: { schemas: Record<string, Json> };
};
beforeAll(async () => {
  world = await ServiceWorld.start();
  document = (await world.call("GET", "/openapi.json")).body;
});
afterAll(() => world.stop());

function operations(): { path: string; method: (typeof methods)[number]; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ path, method, operation }] : [];
    }),
  );
}

test("the served document is the one that is made for the docs", () => {
  expect(document).toEqual(JSON.parse(JSON.stringify(buildOpenApi())));
  expect(document.openapi).toBe("3.1.0");
});

test("the document is made once: whoever asks for it again and again, which takes no keys, costs the service little", async () => {
  const service = await startRestService(silentLog);
  const cpuMsOf = async (requests: number): Promise<number> => {
    const before = process.cpuUsage();
    for (let n = 0; n < requests; n++) await service.fetch(new Request("http://127.0.0.1/openapi.json"));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const first = await cpuMsOf(1);
  expect(await cpuMsOf(20)).toBeLessThan(4 * first);
  await service.stop();
});

test("every operation has a name of its own, a summary, and described answers with a schema", () => {
  const all = operations().map(({ operation }) => operation);
  expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
  for (const { operationId, summary, tags, responses } of all) {
    expect([operationId, typeof summary, tags.length]).toEqual([operationId, "string", 1]);
    for (const [status, response] of Object.entries(responses)) {
      expect(status).toMatch(/^[2-5]\d\d$/);
      expect(response.description).not.toBe("");
      expect(Object.values(response.content).map(({ schema }) => typeof schema)).toEqual(["object"]);
    }
  }
});

test("every parameter of a path is declared, and nothing else is", () => {
  for (const { path, operation } of operations()) {
    const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
    expect([path, declared.map(({ name }) => name)]).toEqual([path, inPath]);
    expect(declared.every(({ required }) => required)).toBe(true);
  }
});

test("every reference leads somewhere", () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
    ([, pointer]) => pointer ?? "",
  );
  expect(references).not.toEqual([]);
  for (const pointer of new Set(references)) {
    const target = pointer.split("/").reduce<Json>((node, key) => node?.[key], document);
    expect([pointer, typeof target]).toEqual([pointer, "object"]);
  }
});

test("every schema is plain JSON Schema 2020-12: no keyword of OpenAPI 3.0", () => {
  const text = JSON.stringify(document);
  expect(text).not.toContain('"nullable"');
  expect(text).not.toMatch(/"exclusiveM\w+":(true|false)/);
});

test("the document and the service have the same routes", async () => {
  const documented = operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const known = Object.values(routes).map(({ method, pattern }) => `${method} ${pattern.replace(":id", "{id}")}`);
  expect(documented.toSorted()).toEqual(known.toSorted());
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const { status, body } = await world.call(method.toUpperCase(), path.replace("{id}", "none"));
      const isServed = status !== 405 && body.message !== "Not found";
      // A fixed path is also reached by the methods of the pattern that it fits.
      const fits = document.paths[path.replace(/[^/]+$/, "{id}")]?.[method] !== undefined;
      expect([method, path, isServed]).toEqual([method, path, item[method] !== undefined || fits]);
    }
  }
});

test("what the API's own pages do not have is marked as an extension", () => {
  const marked = operations()
    .filter(({ operation }) => operation["x-extension"])
    .map(({ path }) => path);
  expect(new Set(marked)).toEqual(
    new Set([
      "/healthz",
      "/api/calls/recent",
      "/openapi.json",
      "/metrics",
      "/batch-call/{id}/pause",
      "/batch-call/{id}/resume",
      "/batch-call/{id}/cancel",
      "/batch-call/{id}/tasks",
      "/batch-call/{id}/tasks/remove",
      "/do-not-call",
      "/do-not-call/remove",
      "/do-not-call/check",
      "/stop",
    ]),
  );
  const fieldsOf = (name: string) =>
    Object.entries<{ "x-extension"?: boolean }>(document.components.schemas[name].properties).flatMap(
      ([field, schema]) => (schema["x-extension"] ? [field] : []),
    );
  expect(fieldsOf("Batch")).toEqual([
    "held_reason",
    "counts",
    "outcomes",
    "calls_per_minute",
    "next_attempt_timestamp",
    "answers",
    "answers_wanted",
    "duplicates_removed",
    "content_digest",
    "max_attempts",
    "grant",
  ]);
  expect(fieldsOf("Task")).toEqual([
    "row",
    "outcome",
    "attempt_count",
    "attempts",
    "reason",
    "next_attempt_at",
    "answers",
  ]);
  expect(fieldsOf("Call")).toEqual(["outcome", "answers"]);
  expect(fieldsOf("Pagination")).toEqual(["next_cursor"]);
});

test("only health, the figures and the document itself are open", () => {
  const open = operations()
    .filter(({ operation }) => operation.security?.length === 0)
    .map(({ path }) => path);
  expect(open).toEqual(["/healthz", "/openapi.json", "/metrics"]);
});

test("every answer has exactly the documented fields", async () => {
  const retry = {
    retry_config: { enabled: true, max_attempts: 2 },
    retry_rules: [{ condition: "busy", enabled: true, retry_timing: { type: "AFTER", duration_minutes: 60 } }],
  };
  world.carrier.script(numberOf(1), "busy");
  const id = await world.create({ status: undefined, send_now: true, ...retry });
  await world.clock.advance({ minutes: 5 });
  const draft = await world.create();
  const callId = (await world.call("GET", `/batch-call/${id}/tasks`)).body.data.tasks[0].call_id;
  const numbers = { numbers: [numberOf(7)] };
  const requests: Record<string, [path: string, body?: object]> = {
    createBatchCall: ["/batch-call", batchOf()],
    listBatchCalls: ["/batch-call/list?limit=10"],
    filterBatchCalls: ["/batch-call/list", { filter_criteria: { status: ["draft"] } }],
    getBatchCall: [`/batch-call/${id}`],
    replaceBatchCall: [`/batch-call/${draft}`, batchOf()],
    editBatchCall: [`/batch-call/${draft}`, { name: "x" }],
    appendBatchCallTasks: [`/batch-call/${draft}/tasks`, { tasks: tasksOf(1, 20) }],
    replaceBatchCallTasks: [`/batch-call/${draft}/tasks`, { tasks: tasksOf(1, 21) }],
    removeBatchCallTasks: [`/batch-call/${id}/tasks/remove`, { to_numbers: [numberOf(50)] }],
    listBatchCallTasks: [`/batch-call/${id}/tasks`],
    pauseBatchCall: [`/batch-call/${id}/pause`],
    resumeBatchCall: [`/batch-call/${id}/resume`],
    cancelBatchCall: [`/batch-call/${id}/cancel`],
    recentCalls: ["/api/calls/recent", { numbers: [numberOf(1)], since_timestamp: 0 }],
    listCalls: ["/api/calls"],
    filterCalls: ["/api/calls", {}],
    getCall: [`/api/calls/${callId}`],
    listAgents: ["/api/agents"],
    filterAgents: ["/api/agents", {}],
    getAgent: [`/api/agents/${agentId}/full`],
    listPhoneNumbers: ["/api/phone-numbers"],
    filterPhoneNumbers: ["/api/phone-numbers/list", {}],
    getPhoneNumber: [`/api/phone-numbers/${encodeURIComponent(callerId)}`],
    addDoNotCall: ["/do-not-call", { ...numbers, reason: "asked" }],
    listDoNotCall: ["/do-not-call"],
    checkDoNotCall: ["/do-not-call/check", numbers],
    removeDoNotCall: ["/do-not-call/remove", numbers],
    getStop: ["/stop"],
    setStop: ["/stop", { stopped: false }],
    executeBatchCall: [`/batch-call/${draft}/execute`],
    deleteBatchCall: [`/batch-call/${await world.create()}`],
  };
  expect(Object.keys(requests).toSorted()).toEqual(endpoints.map(({ route }) => route.operationId).toSorted());
  for (const [operationId, [path, body]] of Object.entries(requests)) {
    const endpoint = endpoints.find(({ route }) => route.operationId === operationId);
    const reply = await world.call(endpoint?.route.method.toUpperCase() ?? "", path, { body });
    // Parsing drops what the schema does not know.
    expect([operationId, answerOf(endpoint).safeParse(reply.body).data]).toEqual([operationId, reply.body]);
  }
});

function answerOf(endpoint: (typeof endpoints)[number] | undefined): z.ZodType {
  const answer = endpoint?.route.responses[200];
  const media = answer && "content" in answer ? answer.content?.["application/json"] : undefined;
  const schema = media && "schema" in media && media.schema;
  if (!(schema instanceof z.ZodType)) throw new Error("The route declares no answer.");
  return schema;
}
