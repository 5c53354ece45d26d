import { describe, expect, it } from "vitest";
import { z } from "zod";
import { instructionsFor } from "../../src/mcp/instructions.ts";
import { selectResources } from "../../src/resources/index.ts";
import { tools } from "../../src/tools/index.ts";
import { serveOne } from "../support/http/serve-one.ts";
import { clientKinds, connectHttp } from "../support/mcp-clients.ts";
import { serveExamples } from "./example-tools.ts";
import { partsOf, propertiesOf } from "./schema-walk.ts";
import { headersFor, readAnswer, request } from "./wire.ts";

const schema = z.record(z.string(), z.unknown());
const listedTool = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  inputSchema: schema,
  outputSchema: schema,
  annotations: z.record(z.string(), z.boolean()),
  _meta: schema.optional(),
});

const resources = selectResources({ isReadOnly: false });

/** What a client gets for `tools/list`, as it is on the wire. */
async function fetchList(): Promise<string> {
  const server = await serveOne({ ...serveExamples({ tools, resources }), host: "127.0.0.1", port: 0 });
  const message = request(1, "tools/list");
  const response = await fetch(server.url, {
    method: "POST",
    body: JSON.stringify(message),
    headers: headersFor(message, "2025-11-25"),
  });
  const { result } = await readAnswer(response);
  await server.close();
  return JSON.stringify(result);
}

const wire = await fetchList();
const listed = z.object({ tools: z.array(listedTool) }).parse(JSON.parse(wire)).tools;
const schemas = listed.flatMap(({ name, inputSchema, outputSchema }): [string, Record<string, unknown>][] => [
  [`${name} input`, inputSchema],
  [`${name} output`, outputSchema],
]);

describe("the list of tools", () => {
  it("holds the tools in their order", () => {
    expect(listed.map(({ name }) => name)).toEqual([
      "create_batch_call",
      "pause_batch",
      "get_batch_status",
      "preview_batch_call",
      "change_list",
      "get_list",
      "test_call",
      "start_batch",
      "resume_batch",
      "cancel_batch",
      "update_batch",
      "list_batches",
      "get_batch_results",
      "get_call",
      "export_batch_results",
      "update_do_not_call_list",
      "check_do_not_call",
      "delete_list",
      "list_agents",
      "list_phone_numbers",
    ]);
  });

  it("takes at most 22 kB of what a model reads, and 36 kB on the wire", () => {
    const read = listed.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    expect(Buffer.byteLength(JSON.stringify(read))).toBeLessThanOrEqual(22_000);
    expect(Buffer.byteLength(wire)).toBeLessThanOrEqual(36_000);
  });

  it.each(listed.map((tool) => [tool.name, tool] as const))("%s is as it was promised", async (name, tool) => {
    await expect(`${JSON.stringify(tool, null, 2)}\n`).toMatchFileSnapshot(`./__snapshots__/${name}.json`);
  });

  it("warns before every tool that can make a phone ring, ends something or lets somebody be called again, and before no other", () => {
    const warned = listed.filter(({ annotations }) => annotations.destructiveHint === true).map(({ name }) => name);
    expect(warned).toEqual([
      "create_batch_call",
      "test_call",
      "start_batch",
      "resume_batch",
      "cancel_batch",
      "update_batch",
      "update_do_not_call_list",
      "delete_list",
    ]);
  });

  it("says which tools only read", () => {
    const readers = listed.filter(({ annotations }) => annotations.readOnlyHint === true).map(({ name }) => name);
    expect(readers).toEqual([
      "get_batch_status",
      "get_list",
      "list_batches",
      "get_batch_results",
      "get_call",
      "check_do_not_call",
      "list_agents",
      "list_phone_numbers",
    ]);
  });

  it("calls repeatable only what a second time changes nothing more", () => {
    const repeatable = listed.filter(({ annotations }) => annotations.idempotentHint === true).map(({ name }) => name);
    expect(repeatable).toEqual(["pause_batch", "cancel_batch"]);
  });

  it("calls closed only what asks nobody but this server: all others ask the calling API", () => {
    const closed = listed.filter(({ annotations }) => annotations.openWorldHint === false).map(({ name }) => name);
    expect(closed).toEqual(["delete_list"]);
    const open = listed.filter(({ annotations }) => annotations.openWorldHint === true);
    expect(open).toHaveLength(listed.length - closed.length);
  });

  it("names the view of a batch with the tools after which one looks at a batch", () => {
    const meta = { ui: { resourceUri: "ui://batches/campaign" } };
    const viewed = listed.filter(({ _meta }) => _meta !== undefined);
    expect(viewed.map(({ name }) => name)).toEqual(["get_batch_status", "start_batch"]);
    expect(viewed.map(({ _meta }) => _meta)).toEqual([meta, meta]);
  });

  it("promises no field of an answer in a description that the tool's answer does not have", () => {
    const told = listed.flatMap(({ name, description, outputSchema }) =>
      (
        description.match(
          /\b(is_final|may_still_ring|allowed_actions|expires_at|replayed)\b(?! \(get_batch_status\))/g,
        ) ?? []
      ).map((field) => [name, field, JSON.stringify(outputSchema).includes(`"${field}"`)] as const),
    );
    expect(told.length).toBeGreaterThan(3);
    expect(told.filter(([, , isDeclared]) => !isDeclared)).toEqual([]);
  });

  it("holds every tool that the instructions and the descriptions send a model to", () => {
    const prose = [
      instructionsFor(tools.map(({ name }) => name)),
      ...listed.map(({ description }) => description),
    ].join(" ");
    const verbs = "create|pause|get|preview|start|resume|cancel|update|list|export|change|delete";
    const named = prose.match(new RegExp(`\\b(${verbs})_(batch|call|agents|phone|do|list)[a-z_]*`, "g")) ?? [];
    const names = listed.map(({ name }) => name);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe.each(listed)("the words of $name", ({ name, title, description, inputSchema }) => {
  it("have a name that fits every client and a title that says more", () => {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(name.length).toBeLessThanOrEqual(40);
    expect(title.length).toBeGreaterThan(name.length);
    expect(description.length).toBeGreaterThan(100);
  });

  it("describe every argument at every level", () => {
    const properties = partsOf(inputSchema).flatMap(propertiesOf);
    expect(properties.length).toBeGreaterThan(0);
    expect(properties.filter(({ schema }) => !schema.description).map(({ path }) => path)).toEqual([]);
  });
});

describe.each(schemas)("the schema of %s", (_name, root) => {
  it("is an object at its root and nothing else", () => {
    expect(root).toMatchObject({ type: "object", properties: expect.any(Object) });
    expect(Object.keys(root).filter((word) => ["anyOf", "oneOf", "allOf", "not"].includes(word))).toEqual([]);
  });

  it("has no references, tuples, lists of types, empty parts, integer bounds or long patterns", () => {
    const text = JSON.stringify(root);
    for (const word of ["$ref", "$defs", "$schema", "prefixItems", String(Number.MAX_SAFE_INTEGER)])
      expect(text).not.toContain(word);
    for (const { path, schema } of partsOf(root)) {
      expect(Object.keys(schema), path).not.toEqual([]);
      expect(schema.type, path).not.toBeInstanceOf(Array);
      expect(String(schema.pattern ?? "").length, path).toBeLessThan(60);
    }
  });
});

it.each(clientKinds)("a client built on %s takes every tool", async (kind) => {
  const server = await serveOne({ ...serveExamples({ tools, resources }), host: "127.0.0.1", port: 0 });
  const client = await connectHttp(kind, server.url);
  expect(await client.listTools()).toHaveLength(tools.length);
  await client.close();
  await server.close();
});
