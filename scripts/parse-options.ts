import { type ParseArgsConfig, parseArgs } from "node:util";
import { toOptionError } from "../src/commands/option-error.ts";

/** `parseArgs` of Node for a script: what cannot be read ends it with one line and exit code 2, without a stack. */
export function parseOptions<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    process.stderr.write(`${toOptionError(error, Object.keys(config.options ?? {}))}\n`);
    process.exit(2);
  }
}
