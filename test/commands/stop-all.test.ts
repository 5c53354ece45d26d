import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createKillSwitch, openCampaignDatabase } from "../../src/campaigns/records/index.ts";
import { runProgram } from "../../src/commands/program.ts";
import { releaseAll, stopAll } from "../../src/commands/stop-all.ts";
import { parseReadable } from "../../src/config/readable-settings.ts";
import { parseSettings } from "../../src/config/settings.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { CommandContext } from "../../src/runtime/command-context.ts";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "batch-call-stop-all-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));

const platformOf = (env: Record<string, string>) =>
  ({ os: "linux", env: { BATCH_CALL_DATA_DIR: dataDir, ...env }, timezone: "UTC" }) as const;

const onRecord = <T>(look: (killSwitch: ReturnType<typeof createKillSwitch>) => T): T => {
  const database = openCampaignDatabase(join(dataDir, "ledger.sqlite"));
  try {
    return look(createKillSwitch(database));
  } finally {
    database.close();
  }
};

/** An address at which nothing listens. */
const unreachable = {
  BATCH_CALL_API_URL: "http://127.0.0.1:9",
  BATCH_CALL_API_KEY: "sk_1",
  BATCH_CALL_API_SECRET: "s3cr3t_1",
};

async function run(work: (context: CommandContext) => Promise<number>, env: Record<string, string> = {}) {
  const platform = platformOf(env);
  const settings = parseSettings(platform);
  if ("errors" in settings) throw new Error(settings.errors.join());
  const printed: string[] = [];
  const { signal } = new AbortController();
  const print = (line: string) => void printed.push(line);
  const code = await work({ settings, platform, log: silentLog, signal, print });
  return { code, text: printed.join("\n") };
}

describe("stop-all with bad settings", () => {
  it.each([
    [{ BATCH_CALL_CALLING_HOURS: "nonsense" }, /CALLING_HOURS.*stopped with those that can be read|0 batch/s],
    [{ ...unreachable, BATCH_CALL_API_URL: "nonsense" }, /NOT STOPPED: the API account, because BATCH_CALL_API_URL/],
    [{ BATCH_CALL_API_KEY: "sk_1" }, /NOT STOPPED: the API account, because BATCH_CALL_API_KEY/],
    [{ BATCH_CALL_OIDC_AUDIENCE: "x", BATCH_CALL_DATABASE_URL: "nonsense" }, /NOT STOPPED: the database, because/],
  ])("%j throws the switch of the data directory, and says what it could not reach", async (env, words) => {
    const said: string[] = [];
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((text) => said.push(String(text)) > 0);
    onTestFinished(() => void vi.restoreAllMocks());
    const { signal } = new AbortController();
    expect(await runProgram(["stop-all"], { platform: platformOf(env), signal })).toBe(2);
    expect(onRecord((killSwitch) => killSwitch.isOn())).toBe(true);
    expect(said.join("")).toMatch(words);
    expect(await runProgram(["stop-all", "--release"], { platform: platformOf(env), signal })).toBe(2);
    expect(onRecord((killSwitch) => killSwitch.isOn())).toBe(true);
  });

  it("sends no key to another address than the one that is meant", () => {
    const platform = platformOf({ ...unreachable, BATCH_CALL_API_URL: "nonsense" });
    const parsed = parseSettings(platform);
    const { settings, unread } = parseReadable(platform, "errors" in parsed ? parsed.errors : []);
    expect(settings.upstream).toEqual({ kind: "self_started" });
    expect(unread).toEqual(["BATCH_CALL_API_URL", "BATCH_CALL_API_KEY", "BATCH_CALL_API_SECRET"]);
    expect(settings.dataDir).toBe(dataDir);
  });
});

describe("a place that stop-all could not tell", () => {
  it("is not said to be stopped, and is released with the rest", async () => {
    const stopped = await run(stopAll, unreachable);
    expect([stopped.code, stopped.text]).toEqual([1, expect.stringContaining("could not be told")]);
    const released = await run(releaseAll);
    expect(released.text).toContain(
      "the API at http://127.0.0.1:9 could not be told of the stop; nothing to release there",
    );
    expect(released.text).not.toContain("STILL STOPPED");
    expect(released.code).toBe(0);
    expect((await run(releaseAll)).text).not.toMatch(/127\.0\.0\.1|STILL/);
  });

  it("is not known to be stopped where no stop was made, and no release of it is recorded", async () => {
    const { code, text } = await run(releaseAll, unreachable);
    expect([code, text]).toEqual([1, expect.stringContaining("NOT KNOWN: the API at http://127.0.0.1:9")]);
    expect(text).not.toContain("STILL");
    const forgotten = await run((context) => releaseAll(context, true), unreachable);
    expect(forgotten.text).not.toContain("FORGOTTEN");
    expect(onRecord((killSwitch) => killSwitch.changedAt())).toBeUndefined();
  });

  it("stays to be released where an earlier stop reached it, until it is forgotten", async () => {
    onRecord((killSwitch) => killSwitch.set(true, "operator", new Date(), ["the API at http://127.0.0.1:9"]));
    await run(stopAll, unreachable);
    const still = await run(releaseAll);
    expect([still.code, still.text]).toEqual([
      1,
      expect.stringContaining("STILL STOPPED: the API at http://127.0.0.1:9"),
    ]);
    const forgotten = await run((context) => releaseAll(context, true));
    expect([forgotten.code, forgotten.text]).toEqual([0, expect.stringContaining("FORGOTTEN: the API at")]);
    expect((await run(releaseAll)).text).not.toContain("127.0.0.1");
  });
});
