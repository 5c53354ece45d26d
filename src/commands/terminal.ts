import { createInterface } from "node:readline/promises";
import { Problem } from "../domain/problem.ts";

/** A person at a keyboard. */
export type Terminal = {
  /**
   * What they typed, without the line's end; undefined when they ended the input, the program is to stop, or `signal` took the
   * question back.
   */
  ask(question: string, signal?: AbortSignal): Promise<string | undefined>;
  close(): void;
};

/** The terminal of this process. Throws where stdin or stdout is not one, so that no pipe can answer in a person's place. */
export function openTerminal(signal: AbortSignal): Terminal {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new Problem(
      "unsupported",
      "this needs a terminal, because a person has to type the answer; stdin or stdout is not a terminal here. Nothing was agreed. Run it in a terminal window of your own.",
    );
  }
  // Not `terminal: true`: the system's own line editing turns Ctrl-C into the signal that everything else stops by.
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: false });
  const closed = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
  const close = (): void => lines.close();
  signal.addEventListener("abort", close, { once: true });
  async function answer(question: string, takenBack?: AbortSignal): Promise<string | undefined> {
    if (!takenBack) return lines.question(question);
    return lines.question(question, { signal: takenBack }).catch((error: unknown) => {
      if (takenBack.aborted) return undefined;
      throw error;
    });
  }
  return { ask: (question, takenBack) => Promise.race([answer(question, takenBack), closed]), close };
}
