/**
 * Tries every feature by the tools, in the simulation, through our queue before a stand-in of the hosted API, and at that API by itself,
 * and writes what came out into docs/carriers.md; with `--check` fails where the table there is another.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fillTable, readTable, withTable } from "../test/support/features/table.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({ options: { check: { type: "boolean", default: false } } });
const path = new URL("../../docs/carriers.md", import.meta.url);
const text = await readFile(path, "utf8");
const table = await fillTable((line) => console.log(line));
const isCurrent = readTable(text) === table;
if (!isCurrent && !values.check) await writeFile(path, withTable(text, table));
console.log(isCurrent ? "the table is current" : values.check ? "run `npm run features`" : "the table was written");
if (!isCurrent && values.check) process.exitCode = 1;
