/** `npm run bench -- NAME`: runs one benchmark, or lists them. `engine --database URL` measures on PostgreSQL too; `http --minutes 4 --rounds 0 --clients 0` is the mixed load alone. */
import { parseOptions } from "../scripts/parse-options.ts";
import { benchCreate } from "./create.ts";
import { benchEngine } from "./engine.ts";
import { benchEvents } from "./events.ts";
import { benchExport } from "./export.ts";
import { benchHttp } from "./http.ts";
import { benchList } from "./list.ts";
import { benchMemory } from "./memory.ts";
import { benchWaves } from "./waves.ts";

const { values, positionals } = parseOptions({
  options: {
    database: { type: "string" },
    minutes: { type: "string", default: "0" },
    rounds: { type: "string", default: "3" },
    clients: { type: "string", default: "1000" },
    only: { type: "string", default: "" },
    json: { type: "string" },
  },
  allowPositionals: true,
});
const [minutes = 0, rounds = 3, clients = 1000] = [values.minutes, values.rounds, values.clients].map(Number);
const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  create: benchCreate,
  engine: () => benchEngine(values.database),
  events: benchEvents,
  export: benchExport,
  http: () =>
    benchHttp({ minutes, rounds, clients, only: values.only, ...(values.json !== undefined && { file: values.json }) }),
  list: benchList,
  memory: benchMemory,
  waves: benchWaves,
};

const [name = ""] = positionals;
const benchmark = benchmarks[name];
if (benchmark) await benchmark();
else {
  console.error(`Usage: npm run bench -- ${Object.keys(benchmarks).join("|")} [--database URL]`);
  process.exitCode = 2;
}
