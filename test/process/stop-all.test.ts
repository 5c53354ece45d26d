import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "../../src/campaigns/records/audit.ts";
import { openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import { createKillSwitch } from "../../src/campaigns/records/kill-switch.ts";
import { HostedApi } from "../support/http/hosted-api.ts";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";
import { builtProgram, createHome, type Home, run } from "../support/process/spawn.ts";

// A service on PostgreSQL needs it (pg-boss).
const canRunDatabase = testServerUrl !== undefined && Number(process.versions.node.split(".")[0]) >= 24;

let home: Home;
beforeEach(async () => {
  home = await createHome();
});
afterEach(() => home.remove());

async function stopAll(args: readonly string[] = [], settings: Record<string, string> = {}) {
  const program = run(await builtProgram(home, ["stop-all", ...args], settings));
  const exitCode = await program.exited;
  return { exitCode, stdout: program.stdout(), stderr: program.stderr() };
}

function look<T>(read: (database: ReturnType<typeof openCampaignDatabase>) => T): T {
  const database = openCampaignDatabase(join(home.dataDir, "ledger.sqlite"));
  try {
    return read(database);
  } finally {
    database.close();
  }
}

const isStopped = () => look((database) => createKillSwitch(database).isOn());

describe("stop-all on our own service", () => {
  it("pauses what runs and what is scheduled, and stays on until the release", async () => {
    const service = run(await builtProgram(home, ["service"], { BATCH_CALL_SERVICE_PORT: "0" }));
    const [, url = ""] = await service.answered(/service on (http:\S+)/);
    const [keys] = JSON.parse(await readFile(join(home.dataDir, "credentials.json"), "utf8"));
    const headers = { "Content-Type": "application/json", "X-API-KEY": keys.api_key, "X-API-SECRET": keys.api_secret };
    const body = JSON.parse(
      await readFile(new URL("../fixtures/create-batch-call-000-request.json", import.meta.url), "utf8"),
    );
    // biome-ignore lint/suspicious/noExplicitAny: what the service answers is tested elsewhere
    const call = async (method: string, path: string, sent?: object): Promise<any> => {
      const request = { method, headers, ...(sent && { body: JSON.stringify(sent) }) };
      return (await fetch(new URL(path, url), request)).json();
    };
    const tomorrow = Date.now() + 86_400_000;
    const make = async (name: string) =>
      (await call("POST", "/batch-call", { ...body, name, trigger_timestamp: tomorrow })).batch_call_id;
    const timeOfDay = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    const quiet = { enabled: true, start_time: timeOfDay(-1), end_time: timeOfDay(1), timezone: "UTC" };
    const held = { ...body, name: "Running", trigger_timestamp: tomorrow, quiet_hours: quiet };
    const running = (await call("POST", "/batch-call", held)).batch_call_id;
    const [scheduled, draft] = [await make("Scheduled"), await make("Draft")];
    await call("POST", `/batch-call/${running}/execute`);
    await call("PATCH", `/batch-call/${scheduled}`, { status: "scheduled", trigger_timestamp: tomorrow });

    const { exitCode, stdout } = await stopAll();
    expect(stdout).toContain("2 batch(es) stopped.");
    expect(exitCode).toBe(0);
    expect(isStopped()).toBe(true);
    const stateOf = async (id: string) => (await call("GET", `/batch-call/${id}`)).data;
    expect(await stateOf(running)).toMatchObject({ is_paused: true });
    expect(await stateOf(scheduled)).toMatchObject({ is_paused: true });
    expect(await stateOf(draft)).toMatchObject({ status: "draft", is_paused: false });

    expect((await stopAll()).stdout).toContain("0 batch(es) stopped.");
    expect((await stopAll(["--release"])).stdout).toContain("allowed again");
    expect(isStopped()).toBe(false);
    expect(await stateOf(running)).toMatchObject({ is_paused: true, grant: { state: "ended" } });
    expect(look((database) => createAudit(database).read(9)).map(({ kind }) => kind)).toEqual([
      "stopped_all",
      "stopped_all",
      "released",
    ]);
    await service.stop();
  });

  it("is released where it was stopped, and a release from elsewhere says what still holds", async () => {
    const service = run(await builtProgram(home, ["service"], { BATCH_CALL_SERVICE_PORT: "0" }));
    const [, url = ""] = await service.answered(/service on (http:\S+)/);
    const [keys] = JSON.parse(await readFile(join(home.dataDir, "credentials.json"), "utf8"));
    const api = { BATCH_CALL_API_URL: url, BATCH_CALL_API_KEY: keys.api_key, BATCH_CALL_API_SECRET: keys.api_secret };
    const own = (name: string) => ({ BATCH_CALL_DATA_DIR: join(home.dataDir, name) });
    expect((await stopAll([], { ...api, ...own("a") })).exitCode).toBe(0);

    const withoutApi = await stopAll(["--release"], own("a"));
    expect(withoutApi.exitCode).toBe(1);
    expect(withoutApi.stdout).toContain(`STILL STOPPED: the API at ${new URL(url).origin} was stopped from here`);
    expect(withoutApi.stdout).not.toContain("allowed again");
    // No service was started to be released.
    expect(await readFile(join(home.dataDir, "a", "service.sqlite")).catch(() => "none")).toBe("none");

    const elsewhere = await stopAll(["--release"], own("b"));
    expect(elsewhere.exitCode).toBe(1);
    expect(elsewhere.stdout).toContain("Nothing that these settings lead to was stopped");

    const wrongKey = await stopAll(["--release"], { ...api, BATCH_CALL_API_KEY: "sk_other", ...own("a") });
    expect(wrongKey.exitCode).toBe(1);
    expect(wrongKey.stdout).toMatch(/STILL STOPPED: the API at \S+, which was not released/);
    expect(wrongKey.stdout).not.toContain("allowed again");

    const released = await stopAll(["--release"], { ...api, ...own("a") });
    expect(released.stdout).toContain("Launches are allowed again");
    expect(released.exitCode).toBe(0);
    expect(JSON.stringify([withoutApi, wrongKey, released])).not.toContain(keys.api_secret);
    await service.stop();
  });

  it.skipIf(!canRunDatabase)(
    "in a database is not released by the API settings alone, nor the account's by the database's",
    async () => {
      const database = await createDatabase(testServerUrl ?? "");
      const onDatabase = { BATCH_CALL_DATABASE_URL: database.url.reveal() };
      const service = run(await builtProgram(home, ["service"], { BATCH_CALL_SERVICE_PORT: "0", ...onDatabase }));
      const [, url = ""] = await service.answered(/service on (http:\S+)/);
      const [keys] = JSON.parse(await readFile(join(home.dataDir, "credentials.json"), "utf8"));
      const api = { BATCH_CALL_API_URL: url, BATCH_CALL_API_KEY: keys.api_key, BATCH_CALL_API_SECRET: keys.api_secret };
      const own = (name: string) => ({ BATCH_CALL_DATA_DIR: join(home.dataDir, name) });
      await stopAll([], { ...onDatabase, ...own("a") });
      const byApi = await stopAll(["--release"], { ...api, ...own("b") });
      expect(byApi.exitCode).toBe(1);
      expect(byApi.stdout).toMatch(
        /STILL STOPPED: the API at \S+, in the database of its service, for everybody on it/,
      );
      expect(byApi.stdout).not.toContain("allowed again");
      await stopAll([], { ...api, ...own("b") });
      const byDatabase = await stopAll(["--release"], { ...onDatabase, ...own("a") });
      expect(byDatabase.exitCode).toBe(1);
      expect(byDatabase.stdout).toMatch(/STILL STOPPED: \S+ in the database: its calls were stopped at a service/);
      expect((await stopAll(["--release"], { ...api, ...own("b") })).exitCode).toBe(0);
      await service.stop();
      await database.drop();
    },
  );

  it("comes up by itself where no service runs", async () => {
    const { exitCode, stdout } = await stopAll();
    expect(stdout).toContain("0 batch(es) stopped.");
    expect(exitCode).toBe(0);
  });
});

describe("stop-all on an API without pause", () => {
  let api: HostedApi;
  beforeEach(async () => {
    api = await HostedApi.start();
  });
  afterEach(() => api.stop());

  const account = () => ({
    BATCH_CALL_API_URL: api.url,
    BATCH_CALL_API_KEY: "sk_canary",
    BATCH_CALL_API_SECRET: "s3cr3t_canary",
  });
  const made = (name: string, status: string) =>
    api.make({
      name,
      status,
      agent_id: "agent_1",
      from_number: "+14155550100",
      tasks: [{ to_number: "+12015550101" }],
      send_now: false,
      timezone: "UTC",
    });

  it("puts scheduled batches back to draft and names the running ones that it cannot stop", async () => {
    const scheduled = made("Scheduled", "SCHEDULED");
    const running = made("Running", "SENT");
    const over = made("Over", "COMPLETED");
    const { exitCode, stdout, stderr } = await stopAll([], account());
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`back to draft: ${scheduled.batch_call_id} "Scheduled"`);
    expect(stdout).toMatch(new RegExp(`NOT STOPPED: ${running.batch_call_id} "Running": .*no pause.*own portal`));
    expect(stdout).not.toContain(over.batch_call_id);
    expect(stdout).toContain("1 batch(es) stopped, 1 NOT stopped.");
    expect(scheduled.status).toMatch(/^draft$/i);
    expect(api.dangerous).toEqual([]);
    expect(isStopped()).toBe(true);
    expect(stdout + stderr).not.toContain("canary");
  });

  it("is on even when the API cannot be reached", async () => {
    const unreachable = account();
    await api.stop();
    const { exitCode, stdout } = await stopAll([], unreachable);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("Run this command again");
    expect(isStopped()).toBe(true);
    api = await HostedApi.start();
  });
});
