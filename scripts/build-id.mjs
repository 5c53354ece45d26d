import { createHash } from "node:crypto";

/**
 * Names a build by all code in it. V8 takes what it compiled for the same as any text of the same length: what was compiled of another build
 * must never be looked for under this name.
 */
export function buildIdOf(chunks) {
  const hash = createHash("sha256");
  for (const { fileName, code } of chunks) hash.update(`${fileName}\0${Buffer.byteLength(code)}\0`).update(code);
  return hash.digest("hex").slice(0, 16);
}
