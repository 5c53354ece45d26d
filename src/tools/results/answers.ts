import { z } from "zod";
import type { Answer } from "../../domain/batch/answers.ts";

const answers = z.array(z.object({ name: z.string(), value: z.string(), quote: z.string().exactOptional() }));

/** The answers of an output that does not declare them; none where there are none. */
export function readAnswers(shown: unknown): readonly Answer[] {
  return answers.safeParse(shown).data ?? [];
}

/** `answer "day": "Tuesday" ("Tuesday is fine")`: quoted, so that nothing that was said poses as a line of ours. */
export function toAnswerText({ name, value, quote }: Answer): string {
  const rest = quote === undefined ? "" : ` (${JSON.stringify(quote)})`;
  return `answer ${JSON.stringify(name)}: ${JSON.stringify(value)}${rest}`;
}
