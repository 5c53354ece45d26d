import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  commandText,
  programText,
  releaseText,
  remoteReleaseText,
  setCommandText,
} from "../../src/lib/command-text.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "command-text-"));
});
afterEach(async () => {
  setCommandText({ script: undefined, path: undefined, os: "linux" });
  await rm(folder, { recursive: true });
});

test("a copy somewhere on the disk is named by its path, on the data directory of the process", () => {
  setCommandText({ script: "/opt/my tools/batch-call-mcp.cjs", path: "/usr/bin", os: "linux", dataDir: "/srv/it's" });
  expect(commandText("approve batch_1")).toBe(
    `node '/opt/my tools/batch-call-mcp.cjs' approve batch_1 --data-dir '/srv/it'\\''s'`,
  );
  expect(programText("service")).toBe("node '/opt/my tools/batch-call-mcp.cjs' service");
});

test("on Windows what has a blank stands in double quotes", () => {
  setCommandText({
    script: "C:\\tools\\batch-call-mcp.cjs",
    path: "",
    os: "win32",
    dataDir: "C:\\Users\\Ann B\\calls",
  });
  expect(commandText("doctor")).toBe('node C:\\tools\\batch-call-mcp.cjs doctor --data-dir "C:\\Users\\Ann B\\calls"');
});

test("what npx runs is run by npx again, though npx puts it on the path", async () => {
  const bin = join(folder, "_npx", "0a1b", "node_modules", ".bin");
  await mkdir(bin, { recursive: true });
  const script = join(bin, "batch-call-mcp");
  await writeFile(script, "");
  setCommandText({ script, path: bin, os: "linux" });
  expect(commandText("doctor")).toBe("npx -y batch-call-mcp doctor");
});

test("what is installed for everybody is named alone, and only where the name leads to this copy", async () => {
  const bin = join(folder, "bin");
  await mkdir(bin);
  const script = join(folder, "batch-call-mcp.cjs");
  await writeFile(script, "");
  setCommandText({ script, path: bin, os: "linux" });
  expect(commandText("doctor")).toBe(`node ${script} doctor`);
  await symlink(script, join(bin, "batch-call-mcp"));
  setCommandText({ script, path: bin, os: "linux" });
  expect(commandText("doctor")).toBe("batch-call-mcp doctor");
});

test("a stop is released with the settings that say which database it is in, and without what they hold", () => {
  const parts = { script: "/opt/batch-call-mcp.cjs", path: "", os: "linux" } as const;
  setCommandText(parts);
  expect(releaseText()).toBe("`node /opt/batch-call-mcp.cjs stop-all --release`");
  setCommandText({ ...parts, dataDir: "/srv/calls", reach: ["BATCH_CALL_DATABASE_URL"] });
  expect(remoteReleaseText()).toBe("`batch-call-mcp stop-all --release` with the settings of the stop");
  setCommandText({ ...parts, reach: ["BATCH_CALL_DATABASE_URL"] });
  expect(releaseText()).toBe(
    "`node /opt/batch-call-mcp.cjs stop-all --release` with BATCH_CALL_DATABASE_URL set as for this program",
  );
});
