import { existsSync } from "node:fs";
import type { Launchable } from "./spawn.ts";

const script = "/usr/bin/script";

/** `script` of util-linux gives a program a terminal; where it is missing, tests that need one are skipped. */
export const hasTerminal = existsSync(script) || process.env.CI === "true";

if (!hasTerminal) process.stderr.write(`No ${script}: the tests at a terminal are skipped. apt-get install bsdutils\n`);

/** The same program with a terminal for stdin, stdout and stderr, which shows what is typed as well. */
export function onTerminal(program: Launchable): Launchable {
  const command = [program.command, ...program.args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return { ...program, command: script, args: ["-qec", `exec ${command}`, "/dev/null"] };
}
