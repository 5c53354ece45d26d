import { fromJsonSchema, type McpServer } from "@modelcontextprotocol/server";
import { description, said } from "./content-fixtures.ts";

/** Keywords that a server must hand on as they are. */
const keywords = fromJsonSchema({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema.
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
});

/** An argument that the client repeats in a header. */
const region = { type: "string", "x-mcp-header": "Region" } as const;
const header = fromJsonSchema({ type: "object", properties: { region }, required: ["region"] });

export function addSchemaTools(server: McpServer): void {
  server.registerTool("json_schema_2020_12_tool", { description, inputSchema: keywords }, () => said("Done."));
  server.registerTool("test_custom_header", { description, inputSchema: header }, () => said("Done."));
}
