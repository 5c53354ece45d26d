/**
 * Makes dist/: the program with its libraries in a few files, the pages in view/, the first answers of a stdio server, and the
 * names and licences of the libraries that are in it. Run by `npm run build`. bin/start.cjs loads it.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { buildIdOf } from "./build-id.mjs";
import { buildViews } from "./build-view.mjs";
import { bundledPackages, licenseTexts } from "./licenses.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const dist = join(root, "dist");
/** Of several machines, or of Node 20 alone: whoever needs one has it installed. */
const external = ["pg", "pg-boss", "@photostructure/sqlite"];

/** zod's messages in forty languages are of no use here. */
const oneLanguage = {
  name: "one-language",
  resolveId(source, importer) {
    if (/locales\/index\.js$/.test(source) && importer?.includes("/node_modules/zod/"))
      return { id: join(importer, "..", "..", "locales", "en.js"), moduleSideEffects: false };
    return null;
  },
};

const holidaysBeside = {
  name: "holidays-beside",
  transform(code, id) {
    if (!id.endsWith("/public-holidays.ts")) return null;
    const { version } = createRequire(import.meta.url)("date-holidays/package.json");
    const changed = code
      .replaceAll('require("date-holidays")', 'require("./date-holidays.cjs")')
      .replaceAll('require("date-holidays/package.json")', JSON.stringify({ version }));
    if (changed === code || changed.includes('require("date-holidays'))
      throw new Error("src/domain/time/public-holidays.ts loads date-holidays in another way than it did");
    return changed;
  },
};

/** Node keeps the text of what it loads, and a single sign beyond Latin-1 takes two bytes for each of the whole file. */
const oneByteText = {
  name: "one-byte-text",
  generateBundle(_, files) {
    for (const chunk of Object.values(files)) {
      if (chunk.type !== "chunk") continue;
      if (/\\[^\0-\xff]|String\.raw`[^`]*[^\0-\xff]/.test(chunk.code))
        throw new Error(`${chunk.fileName}: a sign that cannot be written as an escape`);
      chunk.code = chunk.code.replace(
        /[^\0-\xff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
    }
  },
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const [program, holidays, view] = await Promise.all([buildProgram(), buildHolidays(), buildViews(), prepareAnswers()]);
const chunks = [...program, ...holidays];
await writeFile(join(dist, "build.json"), JSON.stringify({ id: buildIdOf(chunks) }));
const packages = await bundledPackages(root, [...modulesOf(chunks), ...view]);
await writeFile(join(dist, "THIRD-PARTY-LICENSES.txt"), licenseTexts(packages));
await writeFile(
  join(dist, "bundled-packages.json"),
  JSON.stringify(packages.map(({ name, version, licence }) => ({ name, version, licence }))),
);

function buildProgram() {
  return bundle(
    { main: join(root, "src", "main.ts") },
    { format: "cjs", entryFileNames: "[name].cjs", chunkFileNames: "[name]-[hash].cjs" },
  );
}

/** Apart from the rest: it takes a third of a second to load, and most campaigns never ask for it. */
function buildHolidays() {
  const input = { "date-holidays": join(root, "node_modules", "date-holidays", "lib", "index.cjs") };
  return bundle(input, { format: "cjs", entryFileNames: "[name].cjs" });
}

async function prepareAnswers() {
  const folder = join(dist, "prepare");
  await bundle(
    { prepare: join(root, "src", "mcp", "prepare-answers.ts") },
    { dir: folder, format: "es", entryFileNames: "[name].mjs", minify: false },
  );
  const { prepareAnswers: answers } = await import(pathToFileURL(join(folder, "prepare.mjs")));
  await writeFile(join(dist, "answers.json"), JSON.stringify(await answers(false)));
  await writeFile(join(dist, "answers-with-test-calls.json"), JSON.stringify(await answers(true)));
  await rm(folder, { recursive: true });
}

async function bundle(input, options) {
  const built = await rolldown({
    input,
    external,
    platform: "node",
    tsconfig: join(root, "tsconfig.json"),
    transform: { target: "es2022" },
    // jsonc-parser's first choice loads its parts by names that a bundle does not have.
    resolve: { mainFields: ["module", "main"] },
    plugins: [oneLanguage, holidaysBeside, oneByteText],
    onLog: (level, log) => {
      if (level === "warn") throw new Error(log.message);
    },
  });
  // Names stay, so that the stack of an error can be read.
  const minify = { mangle: false, compress: true, codegen: { removeWhitespace: true } };
  const { output } = await built.write({ dir: dist, minify, ...options });
  await built.close();
  return output;
}

function modulesOf(output) {
  return output.flatMap(({ moduleIds = [] }) => moduleIds);
}
