/** A JSON Schema, or a part of one, and the way that leads to it. */
export type SchemaPart = { readonly path: string; readonly schema: Readonly<Record<string, unknown>> };

type Json = Readonly<Record<string, unknown>>;

/** The schema and every schema inside it. Fails on a part that is `true` or `false`, where only `additionalProperties` may be false. */
export function partsOf(schema: unknown, path = ""): SchemaPart[] {
  if (!isObject(schema)) throw new Error(`${path || "the root"} is no schema: ${JSON.stringify(schema)}`);
  const under = childrenOf(schema).flatMap(([step, child]) => partsOf(child, `${path}/${step}`));
  return [{ path, schema }, ...under];
}

/** The named properties of an object schema. */
export function propertiesOf({ path, schema }: SchemaPart): SchemaPart[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties).map(([name, property]) => ({
    path: `${path}/${name}`,
    schema: isObject(property) ? property : {},
  }));
}

function childrenOf(schema: Json): [string, unknown][] {
  const { properties, items, additionalProperties, propertyNames, not } = schema;
  const unions = ["anyOf", "oneOf", "allOf", "prefixItems"].flatMap((word) => {
    const members = schema[word];
    return Array.isArray(members)
      ? members.map((member, index): [string, unknown] => [`${word}[${index}]`, member])
      : [];
  });
  return [
    ...(isObject(properties) ? Object.entries(properties) : []),
    ...(items === undefined ? [] : [["items", items] satisfies [string, unknown]]),
    ...(isObject(additionalProperties)
      ? [["additionalProperties", additionalProperties] satisfies [string, unknown]]
      : []),
    ...(propertyNames === undefined ? [] : [["propertyNames", propertyNames] satisfies [string, unknown]]),
    ...(not === undefined ? [] : [["not", not] satisfies [string, unknown]]),
    ...unions,
  ];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
