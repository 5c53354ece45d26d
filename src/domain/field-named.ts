/** The field of a name that somebody outside chose; not what every object has of its own accord, such as `constructor`. */
export function fieldNamed<T>(fields: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
