const around = 2;
/** No key is as short; words that are in both texts and shorter are shown. */
const shortestSecret = 6;

/**
 * What an edit changes, as a person reads it: the lines that go with `-`, those that come with `+`, and two lines on either side. Of
 * what stays, names are shown and values are not: other servers' keys stand there.
 */
export function configDifference(before: string, after: string): readonly string[] {
  const [old, young] = [linesOf(before), linesOf(after)];
  const most = Math.min(old.length, young.length);
  const same = countWhile((at) => at < most && old[at] === young[at]);
  const sameAtEnd = countWhile((at) => at < most - same && old[old.length - 1 - at] === young[young.length - 1 - at]);
  const [gone, come] = [old.slice(same, old.length - sameAtEnd), young.slice(same, young.length - sameAtEnd)];
  const [wereThere, areThere] = [valuesOf(gone), valuesOf(come)];
  const stay = (lines: readonly string[]) => lines.map((line) => `  ${withoutValues(line, () => true)}`);
  const marked = (lines: readonly string[], mark: string) =>
    lines.map(
      (line) =>
        `${mark} ${withoutValues(line, (value) => value.length >= shortestSecret && wereThere.has(value) && areThere.has(value))}`,
    );
  const end = old.length - sameAtEnd;
  return [
    ...stay(old.slice(Math.max(0, same - around), same)),
    ...marked(gone, "-"),
    ...marked(come, "+"),
    ...stay(old.slice(end, end + around)),
  ];
}

const quoted = /"(?:[^"\\]|\\.)*"|'[^']*'/g;

function valuesOf(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => [...line.matchAll(quoted)].map(([text]) => text.slice(1, -1))));
}

/** The quoted texts of a line, those before a colon or an equals sign left out: they are names. */
function withoutValues(line: string, isHidden: (value: string) => boolean): string {
  return line.replace(quoted, (text: string, at: number) => {
    const isName = /^\s*[:=]/.test(line.slice(at + text.length));
    return isName || !isHidden(text.slice(1, -1)) ? text : `${text[0]}…${text[0]}`;
  });
}

function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
}

function countWhile(holds: (at: number) => boolean): number {
  let count = 0;
  while (holds(count)) count++;
  return count;
}
