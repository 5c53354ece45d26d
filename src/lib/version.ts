import { createRequire } from "node:module";

// The package by its own name: right from src/, dist/ and build/ alike.
const { version } = createRequire(import.meta.url)("batch-call-mcp/package.json");

export const packageVersion: string = version;
