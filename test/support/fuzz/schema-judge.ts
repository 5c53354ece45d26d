import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import { isObject } from "../../../src/contract/envelope.ts";
import type { Schema } from "./from-schema.ts";

/** What does not fit in a value; undefined where all of it does. */
export type Judge = (value: unknown) => string | undefined;

const validator = new AjvJsonSchemaValidator();

/** Holds values against a JSON Schema 2020-12; `root` is where its references begin. */
export function judgeBy(schema: Schema, root: Schema = {}): Judge {
  const validate = validator.getValidator({ ...root, ...schema });
  return (value) => {
    const { valid, errorMessage } = validate(value);
    return valid ? undefined : errorMessage;
  };
}

/** The schema, in which objects have no fields but those that are named. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isObject(schema)) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isOpen = isObject(schema["properties"]) && schema["additionalProperties"] === undefined;
  return isOpen && schema["type"] === "object" ? { ...inner, additionalProperties: false } : inner;
}
