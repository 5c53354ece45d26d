import { z } from "zod";
import { maskNumber } from "../domain/mask.ts";
import { lines } from "./batch-text.ts";
import type { PlannedInput } from "./plan-input.ts";

const sampleSize = 3;

/** How the variables of a list fit the agent, for somebody to look at before anybody is called. */
export const sampleFields = () => ({
  missing_variables: z
    .array(z.object({ name: z.string(), rows: z.number() }))
    .optional()
    .describe("Variables that the agent expects and some rows leave empty."),
  sample: z.array(
    z.object({ row: z.number(), to_number: z.string(), dynamic_variables: z.record(z.string(), z.string()) }),
  ),
});

const sample = z.object(sampleFields());
type Sample = z.output<typeof sample>;

export function takeSample({ plan, agent }: PlannedInput): Sample {
  const { recipients } = plan;
  const missing = (agent.variables ?? [])
    .map((name) => ({ name, rows: recipients.filter(({ variables }) => !variables[name]?.trim()).length }))
    .filter(({ rows }) => rows > 0);
  return {
    ...(missing.length > 0 && { missing_variables: missing }),
    sample: recipients.slice(0, sampleSize).map(({ row, toNumber, variables }) => ({
      row,
      to_number: maskNumber(toNumber),
      dynamic_variables: { ...variables },
    })),
  };
}

export function toSampleText({ missing_variables: missing, sample: rows }: Sample): string {
  return lines(
    missing && `Variables left empty: ${missing.map(({ name, rows: count }) => `${name} in ${count} rows`).join(", ")}`,
    ...rows.map(
      ({ row, to_number, dynamic_variables }) => `Sample row ${row}: ${to_number} ${JSON.stringify(dynamic_variables)}`,
    ),
  );
}
