import { isObject } from "../../../src/contract/envelope.ts";
import type { StandInExchange } from "./stand-in.ts";

type Node = Readonly<Record<string, unknown>>;

/**
 * Holds what was said to and by a stand-in against the vendor's OpenAPI document: each request and answer may have the fields, types and
 * words of it alone, and each answer a status that it has. Returns what differs, and the routes that the document does not have.
 */
export function compareWithDocument(
  document: unknown,
  exchanges: readonly StandInExchange[],
): { readonly differences: readonly string[]; readonly unknownRoutes: readonly string[]; readonly checked: number } {
  const root = isObject(document) ? document : {};
  const differences = new Set<string>();
  const unknownRoutes = new Set<string>();
  let checked = 0;
  for (const { request, answer } of exchanges) {
    const { pattern, operation } = findOperation(root, request.method, request.path) ?? {};
    if (pattern === undefined || !operation) {
      unknownRoutes.add(`${request.method} ${request.path}`.replace(/\/(call|agent|llm)_\w+$/, "/{id}"));
      continue;
    }
    const route = `${request.method} ${pattern}`;
    checked += 1;
    const sent = schemaOf(at(operation, "requestBody"));
    if (request.body !== undefined) {
      if (sent) compare(root, sent, request.body, `${route} body`, differences);
      else differences.add(`${route}: a body is not documented`);
    }
    const responses = at(operation, "responses");
    const given = follow(root, responses?.[String(answer.status)]);
    if (!given) differences.add(`${route}: ${answer.status} is not documented`);
    const told = at(given, "content", "application/json", "schema");
    if (told && answer.body !== undefined) compare(root, told, answer.body, `${route} ${answer.status}`, differences);
  }
  return { differences: [...differences], unknownRoutes: [...unknownRoutes], checked };
}

function findOperation(root: Node, method: string, path: string) {
  const paths = at(root, "paths") ?? {};
  const found = Object.entries(paths).find(([pattern]) =>
    new RegExp(`^${pattern.replaceAll(/\{[^}]*\}/g, "[^/]+")}$`).test(path),
  );
  return found && { pattern: found[0], operation: at(found[1], method.toLowerCase()) };
}

/** Of a body in JSON, or of the fields of a form. */
function schemaOf(requestBody: Node | undefined): Node | undefined {
  const schema = (type: string) => at(requestBody, "content", type, "schema");
  return schema("application/json") ?? schema("application/x-www-form-urlencoded");
}

function at(node: unknown, ...names: readonly string[]): Node | undefined {
  const found = names.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), node);
  return isObject(found) ? found : undefined;
}

function follow(root: Node, node: unknown): Node | undefined {
  if (!isObject(node)) return undefined;
  const ref = node["$ref"];
  return typeof ref === "string" ? follow(root, at(root, ...ref.replace(/^#\//, "").split("/"))) : node;
}

/** The schema with its parts merged into one; of alternatives, those that the value fits. */
function flatten(root: Node, schema: unknown, value: unknown): Node {
  const node = follow(root, schema) ?? {};
  const alternatives = [node["oneOf"], node["anyOf"]].find(Array.isArray) ?? [];
  const fitting = alternatives.find((one) => fits(root, one, value)) ?? alternatives[0];
  const parts = [...listOf(node["allOf"]), ...(fitting === undefined ? [] : [fitting])];
  const all = [node, ...parts.map((part) => flatten(root, part, value))];
  return {
    ...Object.assign({}, ...all),
    properties: Object.assign({}, ...all.map((part) => at(part, "properties"))),
    required: all.flatMap((part) => listOf(part["required"])),
  };
}

function fits(root: Node, schema: unknown, value: unknown): boolean {
  const found = new Set<string>();
  compare(root, schema, value, "", found);
  return found.size === 0;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function compare(root: Node, schema: unknown, value: unknown, where: string, found: Set<string>): void {
  const node = flatten(root, schema, value);
  if (value === null) {
    if (node["nullable"] !== true) found.add(`${where}: null is not documented`);
    return;
  }
  const words = node["enum"];
  if (Array.isArray(words) && !words.includes(value))
    found.add(`${where}: ${String(value)} is not one of the documented words`);
  if (Array.isArray(value)) {
    for (const item of value) compare(root, node["items"], item, `${where}[]`, found);
    return;
  }
  if (isObject(value)) {
    compareFields(root, node, value, where, found);
    return;
  }
  const type = node["type"];
  const isOfType = type === undefined || type === typeof value || (type === "integer" && Number.isInteger(value));
  if (!isOfType) found.add(`${where}: ${typeof value} where ${String(type)} is documented`);
}

function compareFields(root: Node, node: Node, value: Node, where: string, found: Set<string>): void {
  const properties = at(node, "properties") ?? {};
  const isOpen = Object.keys(properties).length === 0;
  for (const [name, part] of Object.entries(value)) {
    if (name in properties) compare(root, properties[name], part, `${where}.${name}`, found);
    else if (!isOpen && !node["additionalProperties"]) found.add(`${where}.${name} is not documented`);
  }
  for (const name of listOf(node["required"]))
    if (!(String(name) in value)) found.add(`${where}.${String(name)} is documented as always there`);
}
