import { z } from "zod";
import { openingUnknown, toExampleLines } from "../../campaigns/approve/index.ts";
import { previewPlan } from "../../domain/batch/outlook.ts";
import { lines } from "../batch/batch-view.ts";
import type { PlannedInput } from "./plan-input.ts";

const sample = z.object({
  unused_variables: z.array(z.string()).optional(),
  opening: z.string().optional(),
  sample: z.array(
    z.object({
      row: z.number(),
      to_number: z.string(),
      dynamic_variables: z.record(z.string(), z.string()),
      why: z.enum(["short", "long", "gap"]),
    }),
  ),
});
type Sample = z.output<typeof sample>;

/**
 * How the variables of a list fit the agent, for somebody to look at before anybody is called: three different recipients. What
 * clients are told of it is only that it is there: the text says the same.
 */
export const sampleFields = () => ({
  unused_variables: z.array(z.string()).optional(),
  opening: z.string().optional(),
  sample: z.array(z.looseObject({})),
});

export function takeSample({ plan, unusedVariables, opening }: PlannedInput): Sample {
  return {
    ...(unusedVariables.length > 0 && { unused_variables: [...unusedVariables] }),
    ...(opening !== undefined && { opening }),
    sample: (plan ? previewPlan(plan).examples : []).map(({ row, toNumber, variables, why }) => ({
      row,
      to_number: toNumber,
      dynamic_variables: variables,
      why,
    })),
  };
}

export function toSampleText(known: Record<string, unknown>): string {
  const { unused_variables: unused, sample: rows, opening } = sample.parse(known);
  const examples = rows.map(({ to_number: toNumber, dynamic_variables: variables, ...row }) => ({
    ...row,
    toNumber,
    variables,
  }));
  return lines(
    unused && `Columns that the agent does not use: ${unused.join(", ")}`,
    ...toExampleLines(examples, opening).map((line) => `Example: ${line}`),
    rows.length > 0 && opening === undefined && openingUnknown,
  );
}
