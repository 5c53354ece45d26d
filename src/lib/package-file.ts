import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The path of a file of the package. By the package's own name: right from src/, dist/ and build/ alike, and in a bundle. */
export function packageFile(...parts: readonly string[]): string {
  return join(dirname(createRequire(import.meta.url).resolve("batch-call-mcp/package.json")), ...parts);
}
