import { extname } from "node:path";
import { UnreadableFile } from "./unreadable-file.ts";

const extensions: readonly string[] = [".csv", ".tsv", ".txt", ".xlsx", ".jsonl"];

/** Whether a file is one of those that are read as lists, by the end of its name. */
export function isListName(path: string): boolean {
  return extensions.includes(extname(path).toLowerCase());
}

/** Throws `UnreadableFile` for any other. */
export function requireListName(path: string): void {
  if (isListName(path)) return;
  throw new UnreadableFile(`is not a ${extensions.join(", ")} file; save the list as one of them`);
}
