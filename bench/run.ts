/**
 * `npm run bench -- NAME`: runs one benchmark, or lists them. `engine --database URL` measures on PostgreSQL too, `--only PART` one
 * part of it (burst, trickle, postgres, lateness, sizes, memory), `--batches 1,100` a trickle beside so many running batches, and
 * `--json FILE` keeps the figures of the burst and of the trickle.
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

const text = { type: "string" } as const;
const { values, positionals } = parseOptions({
  options: { database: text, only: text, batches: text, json: text },
  allowPositionals: true,
});
const { database, only, batches, json } = values;
const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  create: () => benchCreate(json),
  engine: () =>
    benchEngine({
      ...(database !== undefined && { postgresUrl: database }),
      ...(only !== undefined && { only }),
      ...(batches !== undefined && { batches: batches.split(",").map(Number) }),
      ...(json !== undefined && { jsonPath: json }),
    }),
  "engine-postgres": () => benchPostgres(database, json),
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
  console.error(
    `Usage: npm run bench -- ${Object.keys(benchmarks).join("|")} [--database URL] [--only PART] [--batches N,N] [--json FILE]`,
  );
  process.exitCode = 2;
}
