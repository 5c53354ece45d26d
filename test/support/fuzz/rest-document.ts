import { isObject } from "../../../src/contract/envelope.ts";
import type { Schema } from "./from-schema.ts";
import { closed, type Judge, judgeBy } from "./schema-judge.ts";

export type Parameter = { readonly name: string; readonly in: string; readonly schema: Schema };

/** One operation of the document, as far as requests are made from it and answers held against it. */
export type Operation = {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body?: Schema;
  /** What the answer with a status may be; of a type other than JSON anything. */
  readonly judges: ReadonlyMap<number, Judge>;
};

/** The operations of an OpenAPI 3.1 document. An answer may have no field that the document does not name. */
export function readOperations(document: Schema): readonly Operation[] {
  const root = objectAt(closed(document));
  const schemas = { components: objectAt(root["components"]) };
  return Object.entries(objectAt(root["paths"])).flatMap(([path, item]) =>
    Object.entries(objectAt(item)).map(([method, given]): Operation => {
      const operation = objectAt(given);
      const body = schemaOf(operation["requestBody"]);
      const judges = Object.entries(objectAt(operation["responses"])).map(([status, answer]): [number, Judge] => {
        const schema = schemaOf(answer);
        return [Number(status), schema ? judgeBy(schema, schemas) : () => undefined];
      });
      const parameters = Array.isArray(operation["parameters"]) ? operation["parameters"] : [];
      return { method: method.toUpperCase(), path, parameters, ...(body && { body }), judges: new Map(judges) };
    }),
  );
}

function schemaOf(holder: unknown): Schema | undefined {
  const media = objectAt(objectAt(objectAt(holder)["content"])["application/json"]);
  return isObject(media["schema"]) ? media["schema"] : undefined;
}

function objectAt(value: unknown): Schema {
  return isObject(value) ? value : {};
}
