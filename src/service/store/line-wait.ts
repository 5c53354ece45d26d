const mark = "no_line: ";

/** The reason of a recipient who was claimed and waits for a line until they are due: `words` say what for, to people. */
export function toLineReason(words: string): string {
  return mark + words;
}

/** The words of such a reason; undefined for any other. */
export function fromLineReason(reason: string | undefined): string | undefined {
  return reason?.startsWith(mark) ? reason.slice(mark.length) : undefined;
}

/** In a statement: whether the reason of a task is one. */
export const hasLineReason = `reason LIKE '${mark}%'`;

/** In a statement: the reason of a task that waits for no line any more. */
export const withoutLineReason = `CASE WHEN ${hasLineReason} THEN NULL ELSE reason END`;
