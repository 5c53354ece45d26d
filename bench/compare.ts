import { readFile } from "node:fs/promises";

/**
 * Prints each figure of a benchmark beside what it was, as a ratio of the newer to the older: those that stand at the same place in both
 * files, rows of a table by their place in it.
 */
export async function compare(olderFile: string, newerFile: string): Promise<void> {
  const [older, newer] = await Promise.all([olderFile, newerFile].map(readFigures));
  const rows = [...(newer ?? [])].flatMap(([place, now]) => {
    const before = older?.get(place);
    return before === undefined
      ? []
      : [{ figure: place, before, now, ratio: before === 0 ? "" : (now / before).toFixed(2) }];
  });
  if (rows.length === 0) throw new Error(`${olderFile} and ${newerFile} have no figure in common.`);
  console.table(rows);
}

async function readFigures(path: string): Promise<ReadonlyMap<string, number>> {
  const figures = new Map<string, number>();
  const walk = (value: unknown, place: string): void => {
    if (typeof value === "number") figures.set(place, value);
    else if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, place === "" ? key : `${place}.${key}`);
  };
  walk(JSON.parse(await readFile(path, "utf8")), "");
  return figures;
}
