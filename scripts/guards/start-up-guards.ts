import type { Guard } from "./engine-guards.ts";

const compiled = "test/process/compiled-code.test.ts";
const firstAnswers = "test/process/first-answers.test.ts";
const listNumbers = "test/campaigns/create/list-numbers.test.ts";

/** What a quick start and quick reads may not cost. */
export const startUpGuards: readonly Guard[] = [
  {
    name: "start: compiled code is only read from folders that nobody else can write",
    file: "bin/compiled-code.cjs",
    find: "(found.uid === process.getuid() && (found.mode & 0o022) === 0)",
    replace: "found.uid === process.getuid()",
    tests: [compiled],
  },
  {
    name: "start: compiled code is not read through a link",
    file: "bin/compiled-code.cjs",
    find: "fs.lstatSync(folder)",
    replace: "fs.statSync(folder)",
    tests: [compiled],
  },
  {
    name: "start: compiled code of one build is not run for another",
    file: "scripts/build-id.mjs",
    find: ".update(code);",
    replace: ";",
    tests: [compiled],
  },
  {
    name: "start: an early answer that is not the server's own is told",
    file: "src/mcp/stdio.ts",
    find: "if (now !== before) this.#log.warn",
    replace: "if (now === undefined) this.#log.warn",
    tests: ["test/mcp/early-answers.test.ts"],
  },
  {
    name: "start: what is answered early is what the server answers with these tools",
    file: "src/mcp/prepare-answers.ts",
    find: "tools: selectTools({ ...selection, hasTestNumbers }),",
    replace: "tools: selectTools({ ...selection, hasTestNumbers }).slice(1),",
    tests: [firstAnswers],
  },
  {
    name: "start: a start that failed after its first answers ends the process",
    file: "src/main.ts",
    find: "process.stdin.destroy();",
    replace: "",
    tests: [firstAnswers],
  },
  {
    name: "create: pages read side by side count only where the one before leads to them",
    file: "src/campaigns/create/list-numbers.ts",
    find: "if (page.rows.length < pageSize) asked = [];",
    replace: "",
    tests: [listNumbers],
  },
  {
    name: "create: a page that counts and could not be read is not passed over",
    file: "src/campaigns/create/list-numbers.ts",
    find: 'if (answer?.status !== "fulfilled") throw answer?.reason;',
    replace: 'if (answer?.status !== "fulfilled") break;',
    tests: [listNumbers],
  },
];
