import { describe, expect, it } from "vitest";
import { z } from "zod";
import { listedSchema, toJsonSchema } from "../../src/mcp/json-schema.ts";
import { inWords } from "../../src/tools/arguments/shapes.ts";

describe("toJsonSchema", () => {
  it("leaves out the dialect and the bounds that say nothing", () => {
    const schema = z.strictObject({
      count: z.int().describe("How many."),
      limit: z.int().min(1).max(100),
      id: z.string().min(1),
      name: z.string().min(2).max(255),
      reason: z.string().max(200).describe("Why."),
    });
    expect(toJsonSchema(schema, "input")).toEqual({
      type: "object",
      properties: {
        count: { type: "integer", description: "How many." },
        limit: { type: "integer", minimum: 1, maximum: 100 },
        id: { type: "string" },
        name: { type: "string", minLength: 2, maxLength: 255 },
        reason: { type: "string", description: "Why." },
      },
      required: ["count", "limit", "id", "name", "reason"],
    });
  });

  it("keeps the name of a format without its grammar, and a pattern that stands alone", () => {
    const schema = z.strictObject({ at: z.iso.datetime(), time: z.string().regex(/^\d\d:\d\d$/) });
    expect(toJsonSchema(schema, "input").properties).toEqual({
      at: { type: "string", format: "date-time" },
      time: { type: "string", pattern: "^\\d\\d:\\d\\d$" },
    });
  });

  it("says of a map only what its values are, unless its keys are limited", () => {
    const keys = z.string().max(40);
    const schema = z.strictObject({ free: z.record(z.string(), z.string()), limited: z.record(keys, z.string()) });
    expect(toJsonSchema(schema, "input").properties).toEqual({
      free: { type: "object", additionalProperties: { type: "string" } },
      limited: {
        type: "object",
        additionalProperties: { type: "string" },
        propertyNames: { type: "string", maxLength: 40 },
      },
    });
  });

  it("leaves unknown fields to our own refusal, and tells of an answer only what it always has at its root", () => {
    const schema = z.strictObject({ inner: z.strictObject({ a: z.string() }), open: z.looseObject({ b: z.string() }) });
    const inner = (required: object) => ({
      inner: { type: "object", properties: { a: { type: "string" } }, ...required },
      open: {
        type: "object",
        properties: { b: { type: "string" } },
        ...("required" in required && { required: ["b"] }),
      },
    });
    const whole = { type: "object", required: ["inner", "open"] };
    expect(toJsonSchema(schema, "input")).toEqual({ ...whole, properties: inner({ required: ["a"] }) });
    expect(toJsonSchema(schema, "output")).toEqual({ ...whole, properties: inner({}) });
  });

  it("makes an argument with a default optional and shows the default", () => {
    const schema = z.strictObject({ limit: z.int().default(20) });
    expect(toJsonSchema(schema, "input")).toEqual({
      type: "object",
      properties: { limit: { type: "integer", default: 20 } },
    });
  });

  it("lists of an argument in words its type, its values and the words alone", () => {
    const inner = z.strictObject({ a: z.string().describe("Words.") }).describe("More words.");
    const schema = z.strictObject({
      many: inWords(z.array(inner), "Several: [{a}]."),
      one: inWords(inner.optional(), "One: {a}."),
      kind: inWords(z.enum(["x", "y"]).optional(), "Which."),
    });
    expect(toJsonSchema(schema, "input")).toEqual({
      type: "object",
      properties: {
        many: { type: "array", items: { type: "object" }, description: "Several: [{a}]." },
        one: { type: "object", description: "One: {a}." },
        kind: { type: "string", enum: ["x", "y"], description: "Which." },
      },
      required: ["many"],
    });
  });

  it("refuses a schema that would need a reference", () => {
    const node = z.object({
      get next() {
        return node.optional();
      },
    });
    expect(() => toJsonSchema(node, "input")).toThrow(/[Cc]ycle/);
  });
});

describe("listedSchema", () => {
  it("is converted once and enforces nothing", async () => {
    const { validate, jsonSchema } = listedSchema(z.strictObject({ a: z.string() }), "input")["~standard"];
    const options = { target: "draft-2020-12" } as const;
    expect(jsonSchema.input(options)).toBe(jsonSchema.input(options));
    expect(await validate({ b: 1 })).toEqual({ value: { b: 1 } });
  });
});
