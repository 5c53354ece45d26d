import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { z } from "zod";
import { type JsonSchema, toJsonSchema } from "./json-schema.ts";

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
