import { readdir } from "node:fs/promises";
import { plainText } from "../domain/text.ts";
import { errorCode } from "../lib/error-code.ts";

const shownAtMost = 10;

/** One sentence that names the folder and what is in it, for errors. Hidden files are left out. */
export async function describeFolder(folder: string): Promise<string> {
  const names = await visibleNames(folder);
  if (typeof names === "string") return `Lists are read from ${folder}, which cannot be listed (${names}).`;
  if (names.length === 0) return `Lists are read from ${folder}, which is empty.`;
  const more = names.length > shownAtMost ? ` and ${names.length - shownAtMost} more` : "";
  return `Lists are read from ${folder}, which holds ${names.slice(0, shownAtMost).join(", ")}${more}.`;
}

/** Quoted names, folders with a slash at their end, or the code of the failure. */
async function visibleNames(folder: string): Promise<readonly string[] | string> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !name.startsWith("."))
      .map((entry) => `"${plainText(entry.name, 80)}${entry.isDirectory() ? "/" : ""}"`)
      .toSorted();
  } catch (error) {
    return errorCode(error);
  }
}
