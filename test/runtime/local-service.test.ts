import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseSettings } from "../../src/config/settings.ts";
import { listen } from "../../src/lib/http-listen.ts";
import { silentLog } from "../../src/lib/log.ts";
import { startSimulatedService } from "../../src/runtime/local-service.ts";

test("a service that cannot leave word of itself stops again: its lock goes to the next copy", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "batch-call-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await mkdir(join(dataDir, "service.json"));
  const settings = parseSettings({ os: "linux", env: { BATCH_CALL_DATA_DIR: dataDir }, timezone: "UTC" });
  if ("errors" in settings) throw new Error(settings.errors.join());

  const answer = () => new Response("somebody else");
  const loopback = { host: "127.0.0.1", badRequest: {} };
  const free = await listen(answer, { ...loopback, port: 0 });
  const port = Number(new URL(free.origin).port);
  await free.cut();
  await expect(startSimulatedService(settings, port, silentLog)).rejects.toThrow("service.json");

  const next = await listen(answer, { ...loopback, port });
  await next.cut();
});
