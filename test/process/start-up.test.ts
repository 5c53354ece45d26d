import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settingRows } from "../../src/config/setting-rows.ts";
import { openDatabase } from "../../src/lib/sqlite.ts";
import { builtProgram, createHome, type Home, run } from "../support/process/spawn.ts";

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

async function runToEnd(
  args: readonly string[],
  settings: Record<string, string> = {},
  nodeArgs: readonly string[] = [],
) {
  const { command, args: rest, ...program } = await builtProgram(home, args, settings);
  const running = run({ command, args: [...nodeArgs, ...rest], ...program });
  running.process.stdin?.end();
  const exitCode = await running.exited;
  return { exitCode, stdout: running.stdout(), stderr: running.stderr() };
}

async function listenOnAnyPort(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

describe("a start that cannot succeed", () => {
  it("names every bad setting at once and ends with 2", async () => {
    const { exitCode, stderr } = await runToEnd([], {
      BATCH_CALL_TIMEZONE: "Mars/Olympus",
      BATCH_CALL_HTTP_PORT: "eighty",
      BATCH_CALL_API_KEY: "sk_test",
      BATCH_CALL_ALOWED_COUNTRIES: "US",
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("4 bad settings");
    for (const name of [
      "BATCH_CALL_TIMEZONE",
      "BATCH_CALL_HTTP_PORT",
      "BATCH_CALL_API_SECRET",
      "BATCH_CALL_ALOWED_COUNTRIES",
    ])
      expect(stderr).toContain(`- ${name}`);
  });

  it("never shows a secret", async () => {
    const secret = "s3cr3t_canary_0123456789";
    const { stderr, stdout } = await runToEnd([], { BATCH_CALL_API_SECRET: secret, BATCH_CALL_LOG_LEVEL: "loud" });
    expect(stderr + stdout).not.toContain("canary");
  });

  it.each([[["serve"]], [["http", "3000"]], [["--port", "3000"]]])(
    "answers %j with one line and ends with 2",
    async (args) => {
      const { exitCode, stderr, stdout } = await runToEnd(args);
      expect(exitCode).toBe(2);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stdout).toBe("");
    },
  );

  it("says that this Node is too old, before it loads anything else", async () => {
    const fake = join(home.path, "old-node.cjs");
    await writeFile(
      fake,
      `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } });`,
    );
    const { exitCode, stderr } = await runToEnd([], {}, ["--require", fake]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("needs Node 20.18.1 or newer; this is Node 18.20.4");
  });

  it.each([[], ["http"], ["service"]].map((args) => [args]))(
    "names the data directory that cannot be written to (%j)",
    async (args) => {
      const file = join(home.path, "a-file");
      await writeFile(file, "");
      const { exitCode, stderr } = await runToEnd(args, { BATCH_CALL_DATA_DIR: join(file, "data") });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(join(file, "data"));
      expect(stderr).toContain("BATCH_CALL_DATA_DIR");
      expect(stderr).not.toContain("    at ");
    },
  );

  it.each([
    ["http", "BATCH_CALL_HTTP_PORT"],
    ["service", "BATCH_CALL_SERVICE_PORT"],
  ])("`%s` says that its port is taken and which setting changes it", async (command, setting) => {
    const other = await listenOnAnyPort();
    const { exitCode, stderr } = await runToEnd([command], { [setting]: String(other.port) });
    other.close();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(String(other.port));
    expect(stderr).toContain(setting);
    expect(stderr).not.toContain("    at ");
  });

  it.each([[], ["http"]].map((args) => [args]))(
    "ends when a newer version wrote the launch ledger, and leaves no service behind (%j)",
    async (args) => {
      await mkdir(home.dataDir);
      const ledger = openDatabase(join(home.dataDir, "ledger.sqlite"));
      ledger.exec("PRAGMA user_version = 99");
      ledger.close();
      const { exitCode, stderr } = await runToEnd(args);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/launch ledger was written by a newer version/);
      expect(stderr).not.toContain("the batch-call service runs in this process");
    },
  );

  it("a second `service` on the same data directory names the first", async () => {
    const first = run(await builtProgram(home, ["service"], { BATCH_CALL_SERVICE_PORT: "0" }));
    const [, url] = await first.answered(/service on (http:\S+)/);
    const { exitCode, stderr } = await runToEnd(["service"], { BATCH_CALL_SERVICE_PORT: "0" });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`process ${first.process.pid}, ${url}`);
    expect(await first.stop()).toBe(0);
  });
});

describe("help and version", () => {
  it("--help lists every setting and ends with 0", async () => {
    const { exitCode, stdout } = await runToEnd(["--help"]);
    expect(exitCode).toBe(0);
    for (const { name } of settingRows) expect(stdout).toContain(name);
  });
});

describe("what the service keeps", () => {
  it("is readable by its owner only, also in a directory that others may look into", async () => {
    await mkdir(home.dataDir, { mode: 0o755 });
    const service = run(await builtProgram(home, ["service"], { BATCH_CALL_SERVICE_PORT: "0" }));
    await service.answered(/service on/);
    await service.stop();
    for (const name of await readdir(home.dataDir))
      expect([name, (await stat(join(home.dataDir, name))).mode & 0o077]).toEqual([name, 0]);
  });
});

describe("the keys of the service", () => {
  it("are made once and readable by their owner only", async () => {
    const service = run(await builtProgram(home, ["service"], { BATCH_CALL_SERVICE_PORT: "0" }));
    await service.answered(/service on/);
    await service.stop();
    expect((await stat(join(home.dataDir, "credentials.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(home.dataDir)).mode & 0o777).toBe(0o700);
  });
});

describe("doctor", () => {
  it("on a fresh machine finds everything in order and ends with 0", async () => {
    const { exitCode, stdout } = await runToEnd(["doctor"]);
    expect(stdout).toContain("Everything works.");
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain("WRONG");
  });

  it("names an API that does not answer and ends with 1", async () => {
    const gone = await listenOnAnyPort();
    gone.close();
    const account = {
      BATCH_CALL_API_URL: `http://127.0.0.1:${gone.port}`,
      BATCH_CALL_API_KEY: "sk_canary",
      BATCH_CALL_API_SECRET: "s3cr3t_canary",
    };
    const { exitCode, stdout, stderr } = await runToEnd(["doctor"], account);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/WRONG API: .*127\.0\.0\.1/);
    expect(stdout + stderr).not.toContain("canary");
  });

  it("says that the keys are wrong when the service refuses them", async () => {
    const service = run(await builtProgram(home, ["service"], { BATCH_CALL_SERVICE_PORT: "0" }));
    const [, url = ""] = await service.answered(/service on (http:\S+)/);
    const account = { BATCH_CALL_API_URL: url, BATCH_CALL_API_KEY: "sk_wrong", BATCH_CALL_API_SECRET: "s3cr3t_wrong" };
    const { exitCode, stdout } = await runToEnd(["doctor"], account);
    await service.stop();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/WRONG API: .*(key|credential)/i);
  });
});
