import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";

type ZodIssue = z.core.$ZodIssue;

/**
 * The issues without that of an integer beyond 2^53 - 1 where its own limit is told beside it: zod tells both, and of the two the caller can
 * only use the narrow one.
 */
export function ownLimits(issues: readonly ZodIssue[]): readonly ZodIssue[] {
  const wide = issues.filter(isOfEveryInteger);
  if (wide.length === 0) return issues;
  const isToldBeside = (issue: ZodIssue): boolean =>
    issues.some((other) => other !== issue && other.code === issue.code && isDeepStrictEqual(other.path, issue.path));
  return issues.filter((issue) => !wide.includes(issue) || !isToldBeside(issue));
}

function isOfEveryInteger(issue: ZodIssue): boolean {
  if (issue.code === "too_big") return issue.maximum === Number.MAX_SAFE_INTEGER;
  return issue.code === "too_small" && issue.minimum === Number.MIN_SAFE_INTEGER;
}
