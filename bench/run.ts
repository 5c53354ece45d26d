/** `npm run bench -- NAME`: runs one benchmark, or lists them. */
import { benchCreate } from "./create.ts";
import { benchEngine } from "./engine.ts";
import { benchMemory } from "./memory.ts";

const benchmarks: Readonly<Record<string, () => Promise<void>>> = {
  create: benchCreate,
  engine: benchEngine,
  memory: benchMemory,
};

const [name = ""] = process.argv.slice(2);
const benchmark = benchmarks[name];
if (benchmark) await benchmark();
else {
  console.error(`Usage: npm run bench -- ${Object.keys(benchmarks).join("|")}`);
  process.exitCode = 2;
}
