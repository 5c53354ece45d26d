import { z } from "zod";
import { looksLikePhoneNumber } from "../../domain/list/cell-kinds.ts";
import { maskDigits, maskNumber } from "../../domain/phone/mask.ts";
import { lines } from "./batch-view.ts";
import type { PlannedInput } from "./plan-input.ts";

const sampleSize = 3;

const sample = z.object({
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
  unused_variables: z.array(z.string()).optional(),
  sample: z.array(z.looseObject({})),
});

export function takeSample({ plan, unusedVariables }: PlannedInput): Sample {
  return {
    ...(unusedVariables.length > 0 && { unused_variables: [...unusedVariables] }),
    sample: (plan?.recipients ?? []).slice(0, sampleSize).map(({ row, toNumber, variables }) => ({
      row,
      to_number: maskNumber(toNumber),
      dynamic_variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, masked(value)])),
    })),
  };
}

/** Any column may hold numbers, a relative's too. */
function masked(value: string): string {
  return looksLikePhoneNumber(value) ? maskDigits(value) : value;
}

export function toSampleText(known: Record<string, unknown>): string {
  const { unused_variables: unused, sample: rows } = sample.parse(known);
  return lines(
    unused && `Columns that the agent does not use: ${unused.join(", ")}`,
    ...rows.map(
      ({ row, to_number, dynamic_variables }) => `Sample row ${row}: ${to_number} ${JSON.stringify(dynamic_variables)}`,
    ),
  );
}
