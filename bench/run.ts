/**
 * `npm run bench -- NAME`: runs one benchmark, or lists them. `--json FILE` keeps the figures of create, engine, engine-postgres,
 * http and start, and `--compare FILE` puts them beside those of such a file; bench/baseline has those of most.
 *
 * - `create`: `--only PART` measures one part (later, first, conversion).
 * - `engine`: `--database URL` measures on PostgreSQL too, `--only PART` one part (burst, trickle, postgres, lateness, sizes, memory),
 *   `--batches 1,100` a trickle beside so many running batches.
 * - `engine-postgres`: `--database URL`; Node 22.12 or newer, which pg-boss needs.
 * - `http`: `--minutes 4 --rounds 0 --clients 0` is the mixed load alone, `--only TEXT` some of the calls.
 * - `start`: `--node PATH` measures with another Node.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOptions } from "../scripts/parse-options.ts";
import { compare } from "./compare.ts";
import { benchCreate } from "./create.ts";
import { benchEngine } from "./engine.ts";
import { benchPostgres } from "./engine-postgres.ts";
import { benchEvents } from "./events.ts";
import { benchExport } from "./export.ts";
import { benchHttp } from "./http.ts";
import { benchList } from "./list.ts";
import { benchMemory } from "./memory.ts";
import { benchStart } from "./start.ts";
import { benchWaves } from "./waves.ts";

const text = { type: "string" } as const;
const { values, positionals } = parseOptions({
  options: {
    database: text,
    only: text,
    batches: text,
    node: text,
    rounds: text,
    json: text,
    compare: text,
    minutes: { type: "string", default: "0" },
    clients: { type: "string", default: "1000" },
  },
  allowPositionals: true,
});
const { database, only, batches, node, rounds, minutes, clients } = values;
const scratch = await mkdtemp(join(tmpdir(), "batch-call-bench-"));
const json = values.json ?? (values.compare === undefined ? undefined : join(scratch, "figures.json"));
const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  create: () => benchCreate(only, json),
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
  http: () =>
    benchHttp({
      minutes: Number(minutes),
      rounds: Number(rounds ?? 3),
      clients: Number(clients),
      ...(only !== undefined && { only }),
      ...(json !== undefined && { file: json }),
    }),
  list: benchList,
  memory: benchMemory,
  start: () =>
    benchStart({
      ...(node !== undefined && { node }),
      ...(rounds !== undefined && { rounds: Number(rounds) }),
      ...(json !== undefined && { json }),
    }),
  waves: benchWaves,
};
const [name = ""] = positionals;
const benchmark = benchmarks[name];
if (benchmark) {
  await benchmark();
  if (values.compare !== undefined && json !== undefined) await compare(values.compare, json);
} else {
  console.error(`Usage: npm run bench -- ${Object.keys(benchmarks).join("|")}; bench/run.ts tells what each takes.`);
  process.exitCode = 2;
}
await rm(scratch, { recursive: true });
