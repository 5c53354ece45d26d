import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openNamedTokens } from "../../src/access/index.ts";
import { openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import { createKillSwitch } from "../../src/campaigns/records/kill-switch.ts";
import { describeDatabase, describeEvents, describeProcesses } from "../../src/commands/doctor/database.ts";
import { describeRunner } from "../../src/commands/doctor/service.ts";
import { describeZones, runDoctor } from "../../src/commands/doctor.ts";
import { parseSettings } from "../../src/config/settings.ts";
import { Secret } from "../../src/domain/secret.ts";
import { zoneDataRelease, zoneDataReleasedOn } from "../../src/domain/time/zone-data.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { lookAtDatabase } from "../../src/service/store/postgres/look-at-database.ts";
import { type AboutProcess, differencesFrom } from "../../src/service/store/postgres/processes.ts";
import { postgresSchemaSteps } from "../../src/service/store/postgres/schema.ts";
import { openPostgresStore } from "../../src/service/store/postgres/store.ts";
import { bridgeSecret, ScriptedBridge } from "../support/carriers/scripted-bridge.ts";
import { keysOf, startLiveService } from "../support/http/live-service.ts";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";

function daysAfterRelease(days: number): Date {
  return new Date(Date.parse(zoneDataReleasedOn) + days * 24 * 60 * 60 * 1000);
}

describe("doctor's line on time zones", () => {
  it("gives the release, its day, its age and the zone of times without one", () => {
    expect(describeZones("Asia/Calcutta", daysAfterRelease(25.9))).toBe(
      `tzdb ${zoneDataRelease} of ${zoneDataReleasedOn}, 25 days old; times without a zone are in Asia/Calcutta`,
    );
  });

  it("advises an update from the 181st day on", () => {
    expect(describeZones("UTC", daysAfterRelease(180))).not.toContain("update");
    expect(describeZones("UTC", daysAfterRelease(181))).toContain("181 days old, which is old: update batch-call-mcp");
  });
});

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "batch-call-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
});

/** What doctor prints with these settings, and its exit code. */
async function examine(env: Record<string, string> = {}) {
  const dirs = { BATCH_CALL_DATA_DIR: join(home, "data"), BATCH_CALL_FILES_DIR: join(home, "files") };
  const settings = parseSettings({ os: "linux", env: { ...dirs, ...env }, timezone: "UTC" });
  if ("errors" in settings) throw new Error(settings.errors.join("\n"));
  const lines: string[] = [];
  const exitCode = await runDoctor({
    settings,
    platform: { os: "linux", env: { XDG_CONFIG_HOME: home }, timezone: "UTC" },
    print: (line) => void lines.push(line),
  });
  return {
    exitCode,
    text: lines.join("\n"),
    line: (name: string) => lines.find((line) => line.includes(` ${name}: `)),
  };
}

describe("doctor's line on accounts of organizations", () => {
  it("tries each of the file, and names the file where the API does not take one", async () => {
    const service = await startLiveService(["own", "acme"]);
    onTestFinished(() => service.stop());
    const { apiKey, apiSecret } = keysOf("own");
    const file = join(home, "organizations.json");
    const env = {
      BATCH_CALL_API_URL: service.url,
      BATCH_CALL_API_KEY: apiKey,
      BATCH_CALL_API_SECRET: apiSecret,
      BATCH_CALL_ORGANIZATIONS_FILE: file,
    };
    const write = (secret: string) =>
      writeFile(
        file,
        JSON.stringify([{ organization_id: "acme", api_key: keysOf("acme").apiKey, api_secret: secret }]),
      );
    await write(keysOf("acme").apiSecret);
    expect((await examine(env)).line("accounts of organizations")).toMatch(/^ok .*accepts the keys of all 1 in/);
    const stop = (stopped: boolean) =>
      fetch(`${service.url}/stop`, {
        method: "PUT",
        headers: { "content-type": "application/json", "x-api-key": apiKey, "x-api-secret": apiSecret },
        body: JSON.stringify({ stopped }),
      });
    expect((await stop(true)).status).toBe(200);
    const stopped = await examine(env);
    expect(stopped.line("API")).toContain("WRONG API: all calls are stopped at the service, for this account");
    expect(stopped.exitCode).toBe(1);
    await stop(false);
    await write("s3cr3t_wrong");
    const { exitCode, line, text } = await examine(env);
    expect(exitCode).toBe(1);
    expect(line("accounts of organizations")).toContain(`api_key and api_secret of "acme" in ${file}`);
    expect(text).not.toContain("s3cr3t_wrong");
  });
});

describe("doctor's line on who may use http", () => {
  it("tells of tokens, and that nobody needs one", async () => {
    expect((await examine()).text).toMatch(/ok {4}who may use http: anybody on this machine.*token add NAME/);
    const tokens = openNamedTokens(join(home, "data", "access.sqlite"));
    const token = tokens.add({ name: "ana", scopes: ["read"] }, new Date());
    tokens.add({ name: "bo", scopes: ["read"] }, new Date());
    tokens.revoke("bo", new Date());
    tokens.close();
    const { text } = await examine({ BATCH_CALL_HTTP_TOKEN: "a-token-of-at-least-16-characters" });
    expect(text).toContain("who may use http: 1 token with names, BATCH_CALL_HTTP_TOKEN");
    expect(text).not.toContain(token);
  });

  it("is wrong where the issuer does not answer, and where accounts cannot be read", async () => {
    const nobody = {
      BATCH_CALL_HTTP_PUBLIC_URL: "http://127.0.0.1:3000/mcp",
      BATCH_CALL_OIDC_ISSUER: "http://127.0.0.1:9",
    };
    expect((await examine(nobody)).text).toContain("WRONG who may use http");
    const { text } = await examine({ BATCH_CALL_ORGANIZATIONS_FILE: join(home, "none.json") });
    expect(text).toMatch(/WRONG who may use http: No accounts of organizations can be read.*not there/);
  });
});

describe("doctor", () => {
  it("finds a fresh machine in order, and leaves no file of its own", async () => {
    const { exitCode, text, line } = await examine();
    expect([exitCode, text]).toEqual([0, expect.stringContaining("Everything works.")]);
    expect(line("stop-all")).toBe("ok    stop-all: off, calls can be started");
    expect(line("default country")).toMatch(/none.*BATCH_CALL_DEFAULT_COUNTRY/);
    for (const dir of ["data", "files"]) expect((await readdir(join(home, dir))).join()).not.toContain("doctor");
  });

  it("names the country of national numbers", async () => {
    const { line } = await examine({ BATCH_CALL_DEFAULT_COUNTRY: "GB" });
    expect(line("default country")).toBe("ok    default country: numbers without a country are GB");
  });

  it("says that everything is stopped, since when and what to do", async () => {
    await examine();
    const database = openCampaignDatabase(join(home, "data", "ledger.sqlite"));
    createKillSwitch(database).set(true, "operator", new Date("2026-03-02T10:00:00Z"));
    database.close();
    const { exitCode, line } = await examine();
    expect(exitCode).toBe(1);
    expect(line("stop-all")).toMatch(/^WRONG stop-all: on since 2026-03-02T10:00:00.000Z: .*stop-all --release/);
  });

  it("names a place where no file can be written", async () => {
    await writeFile(join(home, "file"), "");
    const { exitCode, line } = await examine({ BATCH_CALL_FILES_DIR: join(home, "file") });
    expect(exitCode).toBe(1);
    expect(line("files directory")).toMatch(/^WRONG .*set BATCH_CALL_FILES_DIR to another directory/);
  });

  it("says of further folders for lists whether they can be read; one that is not there is nothing wrong", async () => {
    const [own, away] = [join(home, "own"), join(home, "away")];
    const { exitCode, line } = await examine({ BATCH_CALL_FILES_DIR: [own, home, away].join(delimiter) });
    expect([exitCode, line("files directory")]).toEqual([
      0,
      `ok    files directory: ${own} is writable, ${home} is readable, ${away} cannot be read (ENOENT)`,
    ]);
    expect(await readdir(home)).not.toContain("away");
  });
});

it("doctor is content while events wait for less than an hour and none was given up", () => {
  const now = new Date("2026-03-02T15:00:00Z");
  const waiting = { waiting: 3, parked: 0, oldestWaitingAt: new Date("2026-03-02T14:30:00Z") };
  expect(describeEvents("crm.example.com", waiting, now)).toBe(
    "events for crm.example.com: 3 waiting, 0 given up within the last 30 days",
  );
  const late = { ...waiting, oldestWaitingAt: new Date("2026-03-02T13:30:00Z") };
  expect(() => describeEvents("crm.example.com", late, now)).toThrow(/3 waiting, the first since 2026-03-02T13:30/);
  expect(() => describeEvents("crm.example.com", { waiting: 0, parked: 2 }, now)).toThrow(
    /2 given up.*log.*`batch-call-mcp send-parked-events`/,
  );
});

describe("doctor on a bridge", () => {
  const settingsOf = (url: string, secret = bridgeSecret) => ({
    BATCH_CALL_CARRIER: "http",
    BATCH_CALL_CARRIER_URL: url,
    BATCH_CALL_CARRIER_SECRET: secret,
  });

  it("asks it for a call that there never was, and dials nobody", async () => {
    const bridge = await ScriptedBridge.start(systemClock);
    onTestFinished(() => bridge.stop());
    const { line } = await examine(settingsOf(bridge.url));
    expect(line("bridge")).toBe(`ok    bridge: ${bridge.url} answers and takes our signature`);
    expect(bridge.dials).toEqual([]);
    expect(line("account.json")).toMatch(/^WRONG .*There is no such file.*Write it like this/);
    // A simulated service there would bar the directory from real calls.
    expect(existsSync(join(home, "data", "carrier.sqlite"))).toBe(false);
    expect(line("API")).toMatch(/^ok .*not asked/);
  });

  it("names a secret that is not the bridge's, and shows neither", async () => {
    const bridge = await ScriptedBridge.start(systemClock);
    onTestFinished(() => bridge.stop());
    const { line, text } = await examine(settingsOf(bridge.url, "another secret, which the bridge does not have"));
    expect(line("bridge")).toMatch(/^WRONG .*cannot be used \(.*401.*BATCH_CALL_CARRIER_SECRET is the same/);
    expect(text).not.toMatch(/another secret|a secret of the bridge/);
  });

  it("names one that does not answer, and its setting", async () => {
    const bridge = await ScriptedBridge.start(systemClock);
    const { url } = bridge;
    await bridge.stop();
    const { line } = await examine(settingsOf(url));
    expect(line("bridge")).toMatch(/^WRONG .*ECONNREFUSED.*BATCH_CALL_CARRIER_URL/);
  });
});

describe("doctor on a database", () => {
  const made = { server: "15.4", schema: 7, newestSchema: 7, mayMakeSchemas: false, processes: [] };

  it.each([
    [made, "PostgreSQL 15.4 answers, schema 7, as this copy needs it"],
    [{ ...made, schema: 5 }, "PostgreSQL 15.4 answers, schema 5; the service brings it to 7 when it starts"],
    [
      { ...made, schema: 0, mayMakeSchemas: true },
      "PostgreSQL 15.4 answers, no schema yet; the service brings it to 7 when it starts",
    ],
  ])("%j is usable", (facts, words) => expect(describeDatabase(facts, "live")).toBe(words));

  it.each([
    [{ ...made, schema: 8 }, /schema 8 was written by a newer copy.*Update/],
    [{ ...made, schema: 0 }, /may not make schemas.*GRANT CREATE/],
    [{ ...made, environment: "simulated" as const }, /is for simulated calls.*BATCH_CALL_CARRIER makes live ones/],
  ])("%j is not, and why", (facts, words) => expect(() => describeDatabase(facts, "live")).toThrow(words));

  it("names one that cannot be reached, without its password", async () => {
    const { exitCode, line, text } = await examine({
      BATCH_CALL_DATABASE_URL: "postgres://caller:hunter2-%25@127.0.0.1:9/calls",
    });
    expect(exitCode).toBe(1);
    expect(line("database")).toMatch(/^WRONG .*(cannot be used|needs Node)/);
    expect(text).not.toContain("hunter2");
  });

  it.skipIf(!testServerUrl)("reads a real one and changes nothing in it", async () => {
    const database = await createDatabase(testServerUrl ?? "");
    onTestFinished(() => database.drop());
    const newestSchema = postgresSchemaSteps.length;
    const server = expect.stringMatching(/^\d/);
    const events = { waiting: 0, parked: 0 };
    const empty = { server, schema: 0, newestSchema, mayMakeSchemas: true, processes: [] };
    expect(await lookAtDatabase(database.url, silentLog)).toEqual(empty);
    const sql = await database.connect();
    expect(await sql.query("SELECT to_regnamespace('batch_call')::text AS made")).toEqual([{ made: null }]);
    await openPostgresStore({ ...sql, close: async () => {} }, "worker_1");
    expect(await lookAtDatabase(database.url, silentLog)).toEqual({ ...empty, schema: newestSchema, events });
    await sql.query("INSERT INTO batch_call.environment VALUES ('live')");
    await sql.query("UPDATE batch_call.schema_version SET version = version - 1");
    const older = { ...empty, schema: newestSchema - 1, environment: "live", events };
    expect(await lookAtDatabase(database.url, silentLog)).toEqual(older);
    await sql.close();
  });
});

describe("the processes on a database", () => {
  const now = new Date("2026-03-02T15:00:00Z");
  const limits = { BATCH_CALL_STARTS_PER_SECOND: "5" };
  const here = { version: "0.1.0", command: "worker", limits } as const;
  const process = (id: string, about?: AboutProcess) => ({
    id,
    lastSignAt: new Date(now.getTime() - 3_000),
    ...(about && { about }),
  });

  it("are named with their versions and their last signs", () => {
    const service = process("host/1/a", { ...here, command: "service" });
    expect(describeProcesses([service, process("host/2/b")], here, now)).toBe(
      "service host/1/a, version 0.1.0, last sign 3 s ago; host/2/b, of an older version, last sign 3 s ago",
    );
    expect(describeProcesses([], here, now)).toBe("none dials on the database at the moment");
  });

  it("are wrong where one goes by another limit than is set here, or by another account.json than another", () => {
    const other = process("host/1/a", { ...here, limits: { BATCH_CALL_STARTS_PER_SECOND: "10" } });
    expect(() => describeProcesses([other], here, now)).toThrow(
      /BATCH_CALL_STARTS_PER_SECOND is 5 here, and 10 in host\/1\/a\..*on every machine/,
    );
    const account = { digest: "1", agents: ["agent_1", "agent_2"], callerIds: 1 };
    const service = { ...here, command: "service", account } as const;
    const theirs = process("host/2/b", { ...service, account: { digest: "2", agents: ["agent_1"], callerIds: 2 } });
    expect(differencesFrom(service, [theirs])).toEqual([
      "account.json here is not that of host/2/b: agents only here: agent_2; only there: none; caller ids: 1 here, 2 there.",
    ]);
    expect(differencesFrom(service, [process("host/3/c", service)])).toEqual([]);
  });
});

describe("who runs a batch", () => {
  const keys = { apiKey: new Secret("k"), apiSecret: new Secret("s") };
  const account = { kind: "account", url: "https://api.zudu.ai", ...keys } as const;

  it("is the provider, while the machine sleeps too, and the other way is named", () => {
    const words = describeRunner({ carrier: { kind: "simulated" }, upstream: account });
    expect(words).toMatch(/^the provider runs it, also while this machine sleeps, and it cannot be paused/);
    expect(words).toMatch(/The other way: this queue runs it, with pause.*BATCH_CALL_CARRIER=hosted/);
  });

  it("is this queue before the hosted API", () => {
    const carrier = { kind: "hosted", url: "https://api.zudu.ai", waveSize: 5, ...keys } as const;
    expect(describeRunner({ carrier, upstream: { kind: "self_started" } })).toMatch(
      /^this queue runs it.*as long as `batch-call-mcp service` runs: it hands the hosted API 5 calls at a time$/,
    );
  });

  it("is the service here otherwise", () => {
    const local = { ...account, url: "http://127.0.0.1:8080" };
    const carrier = { kind: "simulated" } as const;
    expect(describeRunner({ carrier, upstream: local })).toBe("the service at http://127.0.0.1:8080");
    expect(describeRunner({ carrier, upstream: { kind: "self_started" } })).toBe("the service here");
  });
});
