import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { z } from "zod";
import { dropUndefined } from "../tools/arguments/shapes.ts";
import { listedInWords } from "../tools/words/listed-in-words.ts";

/**
 * A schema that the SDK lists but does not enforce: our own parser words the errors. It is converted at the first
 * listing and then kept, because the SDK asks for it again at every listing and at every call.
 */
export function listedSchema(schema: z.ZodObject, io: "input" | "output"): StandardSchemaWithJSON {
  let json: JsonSchema | undefined;
  const listed = (): JsonSchema => {
    json ??= toJsonSchema(schema, io);
    return json;
  };
  return {
    "~standard": {
      version: 1,
      vendor: "batch-call-mcp",
      validate: (value) => ({ value }),
      jsonSchema: { input: listed, output: listed },
    },
  };
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * A tool's schema as clients read it: JSON Schema 2020-12 without what costs tokens and says nothing. A model reads all
 * of it before its first call. Throws for a schema that would need `$ref`, which several clients do not follow.
 */
export function toJsonSchema(schema: z.ZodObject, io: "input" | "output"): JsonSchema {
  const json = z.toJSONSchema(schema, {
    io,
    target: "draft-2020-12",
    cycles: "throw",
    override: ({ jsonSchema, path }) => slim(jsonSchema, io === "output" && path.length > 0),
  });
  // 2020-12 is the protocol's default dialect, so naming it in every tool adds nothing.
  delete json.$schema;
  shorten(json);
  return json;
}

/** Leaves of arguments that are listed in words no more than these. */
function shorten(json: JsonSchema): void {
  const { properties = {} } = json;
  for (const [name, property] of Object.entries(properties)) {
    if (typeof property === "object" && property[listedInWords] === true) properties[name] = withoutParts(property);
  }
}

/** An argument without its inner parts; some model APIs take no list whose entries have no type. */
function withoutParts({ type, enum: values, items, description }: JsonSchema): JsonSchema {
  const entry = typeof items === "object" && "type" in items ? { type: items.type } : undefined;
  return dropUndefined({ type, enum: values, items: entry, description });
}

/**
 * That no other arguments are taken is not said: a client that held us to it would refuse a misspelt one in words of
 * its own, where ours name the nearest right one. What an inner object of an answer always has is not said either.
 */
function slim(schema: JsonSchema, isInsideOutput: boolean): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  // That a name, an id or a list may not be empty, nor a count that is described less than nothing, nor how long a described
  // text may be, needs no saying; our parser still refuses it.
  if (schema.description !== undefined) {
    delete schema.maxLength;
    if (schema.minimum === 0 || schema.minimum === 1) delete schema.minimum;
  }
  if (schema.minLength === 1) delete schema.minLength;
  if (schema.minItems === 1) delete schema.minItems;
  // zod writes the whole grammar of a format as a pattern of some 300 characters beside it.
  if (schema.format) delete schema.pattern;
  if (isAnyString(schema.propertyNames)) delete schema.propertyNames;
  if (allowsAnything(schema.additionalProperties) || schema.additionalProperties === false) {
    delete schema.additionalProperties;
  }
  if (!isInsideOutput) return;
  delete schema.required;
  // What every answer has for a time is told once, by the time now: local and utc.
  if (["local,utc", ""].includes(Object.keys(schema.properties ?? {}).join())) delete schema.properties;
}

function isAnyString(schema: unknown): boolean {
  return JSON.stringify(schema) === '{"type":"string"}';
}

function allowsAnything(schema: unknown): boolean {
  return JSON.stringify(schema) === "{}";
}
