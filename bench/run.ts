/**
 * `npm run bench -- NAME`: runs one benchmark, or lists them. `engine --database URL` measures on PostgreSQL too; `start` takes
 * `--node PATH`, `--rounds N` and `--json FILE`.
 */
import { parseOptions } from "../scripts/parse-options.ts";
import { benchCreate } from "./create.ts";
import { benchEngine } from "./engine.ts";
import { benchEvents } from "./events.ts";
import { benchExport } from "./export.ts";
import { benchList } from "./list.ts";
import { benchMemory } from "./memory.ts";
import { benchStart } from "./start.ts";
import { benchWaves } from "./waves.ts";

const { values, positionals } = parseOptions({
  options: {
    database: { type: "string" },
    node: { type: "string" },
    rounds: { type: "string" },
    json: { type: "string" },
  },
  allowPositionals: true,
});
const { node, rounds, json } = values;
const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  create: benchCreate,
  engine: () => benchEngine(values.database),
  events: benchEvents,
  export: benchExport,
  list: benchList,
  memory: benchMemory,
  start: () => benchStart({ ...(node && { node }), ...(rounds && { rounds: Number(rounds) }), ...(json && { json }) }),
  waves: benchWaves,
};

const [name = ""] = positionals;
const benchmark = benchmarks[name];
if (benchmark) await benchmark();
else {
  console.error(`Usage: npm run bench -- ${Object.keys(benchmarks).join("|")} [--database URL]`);
  process.exitCode = 2;
}
