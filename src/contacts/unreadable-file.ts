import { errorCode } from "../lib/system.ts";

/** Why a file is not read, as the rest of a sentence that begins with its name. Who knows the name makes a `Problem` of it. */
export class UnreadableFile extends Error {}

/** Throws what a failed file operation says about a file, as an `UnreadableFile`. */
export function throwUnreadable(cause: unknown): never {
  throw new UnreadableFile(describe(errorCode(cause)), { cause });
}

function describe(code: string): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return "may not be read by this user";
    case "ELOOP":
      return "is a link that never ends";
    case "ENAMETOOLONG":
      return "has a name that is too long for a file";
    case "ENXIO":
      return "is not a regular file";
    default:
      return `cannot be read (${code})`;
  }
}
