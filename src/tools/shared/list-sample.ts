import { z } from "zod";
import { fitVariables } from "../../domain/batch/preview-variables.ts";
import { maskNumber } from "../../domain/phone/mask.ts";
import { lines } from "./batch-view.ts";
import type { PlannedInput } from "./plan-input.ts";

const sampleSize = 3;

const sample = z.object({
  missing_variables: z
    .array(z.object({ name: z.string(), rows: z.number(), similar: z.string().optional() }))
    .optional(),
  unused_variables: z.array(z.string()).optional(),
  sample: z.array(
    z.object({ row: z.number(), to_number: z.string(), dynamic_variables: z.record(z.string(), z.string()) }),
  ),
});
type Sample = z.output<typeof sample>;

/**
 * How the variables of a list fit the agent, for somebody to look at before anybody is called. What clients are told
 * of it is only that it is there: the text says the same.
 */
export const sampleFields = () => ({
  missing_variables: z.array(z.looseObject({})).optional(),
  unused_variables: z.array(z.string()).optional(),
  sample: z.array(z.looseObject({})),
});

export function takeSample({ plan, agent }: PlannedInput): Sample {
  const { recipients } = plan;
  const fit = agent.variables && fitVariables(agent.variables, recipients);
  return {
    ...(fit && fit.missing.length > 0 && { missing_variables: [...fit.missing] }),
    ...(fit && fit.unused.length > 0 && { unused_variables: [...fit.unused] }),
    sample: recipients.slice(0, sampleSize).map(({ row, toNumber, variables }) => ({
      row,
      to_number: maskNumber(toNumber),
      dynamic_variables: { ...variables },
    })),
  };
}

export function toSampleText(known: Record<string, unknown>): string {
  const { missing_variables: missing, unused_variables: unused, sample: rows } = sample.parse(known);
  return lines(
    missing && `Variables left empty: ${missing.map(toMissingText).join(", ")}`,
    unused && `Columns that the agent does not use: ${unused.join(", ")}`,
    ...rows.map(
      ({ row, to_number, dynamic_variables }) => `Sample row ${row}: ${to_number} ${JSON.stringify(dynamic_variables)}`,
    ),
  );
}

function toMissingText({ name, rows, similar }: NonNullable<Sample["missing_variables"]>[number]): string {
  return `${name} in ${rows} rows${similar === undefined ? "" : ` (is it the column ${JSON.stringify(similar)}?)`}`;
}
