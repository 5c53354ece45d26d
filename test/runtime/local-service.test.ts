import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkDataFiles } from "../../src/commands/doctor/folders.ts";
import { parseSettings, type Settings } from "../../src/config/settings.ts";
import { listen } from "../../src/lib/http-listen.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openDatabase, tryLock } from "../../src/lib/sqlite.ts";
import { LocalService, startSimulatedService } from "../../src/runtime/local-service.ts";
import { waitUntil } from "../support/wait-until.ts";

async function newSettings(): Promise<Settings> {
  const dataDir = await mkdtemp(join(tmpdir(), "batch-call-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const settings = parseSettings({ os: "linux", env: { BATCH_CALL_DATA_DIR: dataDir }, timezone: "UTC" });
  if ("errors" in settings) throw new Error(settings.errors.join());
  return settings;
}

function startLocal(settings: Settings): LocalService {
  const service = new LocalService(settings, silentLog);
  onTestFinished(() => service.stop());
  return service;
}

test("a service that cannot leave word of itself stops again: its lock goes to the next copy", async () => {
  const settings = await newSettings();
  await mkdir(join(settings.dataDir, "service.json"));

  const answer = () => new Response("somebody else");
  const loopback = { host: "127.0.0.1", badRequest: {} };
  const free = await listen(answer, { ...loopback, port: 0 });
  const port = Number(new URL(free.origin).port);
  await free.cut();
  await expect(startSimulatedService(settings, port, silentLog)).rejects.toThrow("service.json");

  const next = await listen(answer, { ...loopback, port });
  await next.cut();
});

test("a copy that could not run the service stands again: what was in the way is gone, and it runs", async () => {
  const settings = await newSettings();
  const path = join(settings.dataDir, "service.sqlite");
  await writeFile(path, "this is no database ".repeat(100));
  const service = startLocal(settings);
  await expect(service.url()).rejects.toThrow(/a database file is damaged.*Nothing was sent.*tried again/);

  await rm(path);
  const url = await waitUntil("the service runs", () => service.url().catch(() => undefined));
  expect((await fetch(new URL("/healthz", url))).status).toBe(200);
});

test("a data directory that is removed is named, nothing is dialed from it any more, and it is not made again", async () => {
  const settings = await newSettings();
  const service = startLocal(settings);
  const url = await service.url();
  await rm(settings.dataDir, { recursive: true });

  await expect(service.url()).rejects.toThrow(/was removed or replaced.*Nothing was sent.*restart this server/);
  await waitUntil("the service ended", () =>
    fetch(url).then(
      () => undefined,
      () => true,
    ),
  );
  await expect(service.url()).rejects.toThrow("was removed or replaced");
  await expect(checkDataFiles(settings.dataDir)).rejects.toThrow("ENOENT");
});

test("a copy that has the lock and does not answer is named with its process, well before a request would time out", async () => {
  const settings = await newSettings();
  const stopped = createServer(() => {});
  await once(stopped.listen(0, "127.0.0.1"), "listening");
  const lock = tryLock(join(settings.dataDir, "leader.sqlite"));
  onTestFinished(() => {
    lock?.release();
    stopped.closeAllConnections();
    stopped.close();
  });
  const { port } = stopped.address() as AddressInfo;
  const address = { url: `http://127.0.0.1:${port}`, pid: 4242, version: "0.1.0" };
  await writeFile(join(settings.dataDir, "service.json"), JSON.stringify(address));

  await expect(startLocal(settings).url()).rejects.toThrow(
    /Process 4242.*does not answer.*Nothing was sent.*kill -CONT 4242/,
  );
});

test("doctor reads every database file through, and names the damaged one", async () => {
  const { dataDir } = await newSettings();
  expect(await checkDataFiles(dataDir)).toMatch(/^none yet/);
  openDatabase(join(dataDir, "service.sqlite")).close();
  expect(await checkDataFiles(dataDir)).toMatch(/^service\.sqlite are whole; \d+ MB free$/);
  await writeFile(join(dataDir, "ledger.sqlite"), "this is no database ".repeat(100));
  await expect(checkDataFiles(dataDir)).rejects.toThrow(join(dataDir, "ledger.sqlite"));
});
