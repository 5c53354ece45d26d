const around = 2;

/**
 * What an edit changes, as a person reads it: the lines that go with `-`, those that come with `+`, and two lines on either side. The
 * values of neighbours' secrets are left out.
 */
export function differenceOf(before: string, after: string): readonly string[] {
  const [old, young] = [linesOf(before), linesOf(after)];
  const same = countWhile((at) => at < Math.min(old.length, young.length) && old[at] === young[at]);
  const most = Math.min(old.length, young.length) - same;
  const sameAtEnd = countWhile((at) => at < most && old[old.length - 1 - at] === young[young.length - 1 - at]);
  const marked = (lines: readonly string[], mark: string) => lines.map((line) => `${mark} ${withoutSecret(line)}`);
  return [
    ...marked(old.slice(Math.max(0, same - around), same), " "),
    ...marked(old.slice(same, old.length - sameAtEnd), "-"),
    ...marked(young.slice(same, young.length - sameAtEnd), "+"),
    ...marked(old.slice(old.length - sameAtEnd, old.length - sameAtEnd + around), " "),
  ];
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function countWhile(holds: (at: number) => boolean): number {
  let count = 0;
  while (holds(count)) count++;
  return count;
}

function withoutSecret(line: string): string {
  return line.replace(
    /((?:key|secret|token|password|authorization)\w*["']?\s*[:=]\s*)(["'])(?!\$\{).*?\2/gi,
    "$1$2…$2",
  );
}
