import { nearest } from "../domain/nearest.ts";

/** What `parseArgs` of Node threw, as one line for whoever typed it, with the option that was most likely meant of those `known`. */
export function toOptionError(error: unknown, known: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const [sentence = message] = message.replaceAll(/\s+/g, " ").split(/(?<=\.) /);
  const unknown = /^Unknown option '--?([^']*)'/.exec(message)?.[1];
  if (unknown === undefined) return sentence;
  const near = nearest(unknown, known);
  const instead =
    near === undefined ? `It takes ${known.map((name) => `--${name}`).join(", ")}.` : `The nearest is --${near}.`;
  return `Unknown option '--${unknown}'. ${instead}`;
}
