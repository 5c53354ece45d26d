/**
 * `npm run explain`: what each statement of the dialing path does, on stores with few tasks and with many. `--database URL` takes in
 * PostgreSQL, `--tasks N` is the bigger size, `--page FILE` writes the page (docs/statements.md). Exits 1 when one of them grows with what
 * is stored.
 */
import { writeFile } from "node:fs/promises";
import { explainPostgres } from "./explain/postgres.ts";
import type { SeenStatement, SeenStatements } from "./explain/seen-statements.ts";
import { canWatchSqlite, explainSqlite } from "./explain/sqlite.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: {
    database: { type: "string" },
    tasks: { type: "string", default: "1000000" },
    page: { type: "string" },
  },
});
const most = Number(values.tasks);
if (!(most >= 100_000)) {
  console.error("--tasks takes a number from 100000 on: at a hundredth of it there must be somebody to call.");
  process.exit(2);
}
const sizes = [most / 100, most];
/** Of the bigger size over the smaller one, which has a hundredth of the tasks: more than another level of each tree, and noise. */
const grows = 3;

const parts = [];
if (canWatchSqlite) parts.push(part("SQLite", "median time in µs", 200, await seenAt(explainSqlite)));
else console.error("SQLite: left out, for want of Node 22.13 or newer, whose own driver can be watched.");
const { database } = values;
if (database)
  parts.push(
    part(
      "PostgreSQL",
      "blocks of 8 kB read for a row",
      40,
      await seenAt((seen, size) => explainPostgres(seen, size, database)),
    ),
  );
const page = [
  "# Statements of the dialing path",
  "",
  `Each statement that the dialer sends, as \`npm run explain -- --tasks ${most} --database URL --page docs/statements.md\` saw it at work on stores of ${sizes.map((size) => size.toLocaleString("en")).join(" and ")} tasks: half of them in drafts, the others in one batch that runs beside a dozen small ones. What a statement costs may not grow with what is stored: the command ends with 1 when one does. Where a statement was seen at one of the sizes only, there is one figure.`,
  ...parts.map(({ text }) => text),
].join("\n");
if (values.page) await writeFile(values.page, `${page}\n`);
else console.log(page);
const growing = parts.flatMap((one) => one.growing);
for (const { text, costs } of growing)
  console.error(`Grows: ${costs.map((cost) => cost.toFixed(0)).join(" → ")}: ${shortOf(text)}`);
if (growing.length > 0) process.exitCode = 1;

async function seenAt(look: (seen: SeenStatements, size: number) => Promise<void>): Promise<readonly SeenStatement[]> {
  const seen: SeenStatements = new Map();
  for (const size of sizes) await look(seen, size);
  return [...seen.values()];
}

function part(store: string, cost: string, little: number, statements: readonly SeenStatement[]) {
  const isGrowing = ({ costs: [few = 0, many = 0] }: SeenStatement) => many > little && many > few * grows;
  const rows = statements
    .toSorted((a, b) => b.times - a.times)
    .map(
      ({ text, times, plan, costs }) =>
        `| \`${shortOf(text)}\` | ${times} | ${plan || "–"} | ${costs.map((one) => one.toFixed(0)).join(" → ")} |`,
    );
  return {
    growing: statements.filter(isGrowing),
    text: [
      "",
      `## ${store}`,
      "",
      `| statement | times | how it is found | ${cost} |`,
      "|---|---|---|---|",
      ...rows,
    ].join("\n"),
  };
}

function shortOf(text: string): string {
  const line = text.replace(/\s+/g, " ").replaceAll("|", "\\|").trim();
  return line.length > 160 ? `${line.slice(0, 160)} …` : line;
}
