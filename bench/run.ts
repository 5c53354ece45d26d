/**
 * `npm run bench -- NAME`: runs one benchmark, or lists them. `engine --database URL` measures on PostgreSQL too; `engine-postgres` only
 * there (Node 22.12 or newer, which pg-boss needs), and writes its figures to a file with `--json FILE`.
 */
import { parseOptions } from "../scripts/parse-options.ts";
import { benchCreate } from "./create.ts";
import { benchEngine } from "./engine.ts";
import { benchPostgres } from "./engine-postgres.ts";
import { benchEvents } from "./events.ts";
import { benchExport } from "./export.ts";
import { benchList } from "./list.ts";
import { benchMemory } from "./memory.ts";
import { benchWaves } from "./waves.ts";

const { values, positionals } = parseOptions({
  options: { database: { type: "string" }, json: { type: "string" } },
  allowPositionals: true,
});
const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  create: benchCreate,
  engine: () => benchEngine(values.database),
  "engine-postgres": () => benchPostgres(values.database, values.json),
  events: benchEvents,
  export: benchExport,
  list: benchList,
  memory: benchMemory,
  waves: benchWaves,
};

const [name = ""] = positionals;
const benchmark = benchmarks[name];
if (benchmark) await benchmark();
else {
  console.error(`Usage: npm run bench -- ${Object.keys(benchmarks).join("|")} [--database URL] [--json FILE]`);
  process.exitCode = 2;
}
