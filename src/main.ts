import { arePlainlyRight } from "./config/plain-settings.ts";
import { answerFirst } from "./mcp/early-answers.ts";

/** Prints what went wrong where a person reads it: a `Problem` or a trouble with files in words, anything else whole. */
async function complain(error: unknown): Promise<void> {
  const [{ Problem }, { explainStorageError }] = await Promise.all([
    import("./domain/problem.ts"),
    import("./lib/sqlite.ts"),
  ]);
  process.stderr.write(`${describe()}\n`);

  function describe(): string {
    if (error instanceof Problem) return `batch-call-mcp: ${error.message}`;
    const trouble = explainStorageError(error);
    if (trouble) return `batch-call-mcp: it cannot use its own records: ${trouble}.`;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

async function main(): Promise<number> {
  const { env, platform: os } = process;
  const argv = process.argv.slice(2);
  const stopping = new AbortController();
  const { signal } = stopping;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => stopping.abort());
  // Where nothing is asked or set that could be wrong, a client does not wait for the rest, which takes many times as long to load.
  const handedOver = argv.length === 0 && arePlainlyRight(env) ? await answerFirst(false, signal) : undefined;
  const { runProgram } = await import("./commands/program.ts");
  const platform = { os, env, timezone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  return runProgram(argv, { platform, signal, ...(handedOver && { handedOver }) });
}

// Lists, transcripts and keys are the owner's alone, in whatever directory they are kept.
process.umask(0o077);

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  async (error: unknown) => {
    process.exitCode = 1;
    // A client that was answered already keeps its end open, by which the process would stay.
    process.stdin.destroy();
    await complain(error);
  },
);
