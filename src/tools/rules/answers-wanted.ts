import { z } from "zod";
import type { BatchCallApi } from "../../client/api.ts";
import type { AnswerWanted } from "../../domain/batch/answers.ts";
import { Problem } from "../../domain/problem.ts";
import { dropUndefined, inWords } from "../arguments/shapes.ts";

/** What every call is to find out, as an argument; the domain checks it. */
export const answersWanted = () =>
  inWords(
    z.array(z.strictObject({ name: z.string(), meaning: z.string(), choices: z.array(z.string()).optional() })),
    "To find out: [{name, meaning (a question), choices: its only values, if any}].",
  ).optional();

type AnswersInput = z.output<ReturnType<typeof answersWanted>>;

/** Throws `unsupported` where the API takes no wishes: nobody would ask, and all would look as if nobody had answered. */
export async function settleAnswersWanted(
  input: AnswersInput,
  api: Pick<BatchCallApi, "hasBrake">,
): Promise<readonly AnswerWanted[] | undefined> {
  if (input === undefined || input.length === 0) return undefined;
  if (await api.hasBrake())
    return input.map(({ name, meaning, choices }) => ({ name, meaning, ...dropUndefined({ choices }) }));
  throw new Problem(
    "unsupported",
    "This API cannot be told what its calls are to find out. Nothing was created. What an agent finds out is set at the agent, as its custom analysis, where it is made; what that gives is shown with the results all the same. Leave answers_wanted out.",
  );
}
