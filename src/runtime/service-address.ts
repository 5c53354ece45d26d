import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const endpointSchema = z.object({ url: z.url(), pid: z.number(), version: z.string() });
/** Where the leading copy's service listens. */
export type ServiceAddress = z.output<typeof endpointSchema>;

const healthSchema = z.object({
  service: z.literal("batch-call-mcp"),
  version: z.string(),
  contract_version: z.number(),
  environment: z.enum(["simulated", "live"]),
});
type Health = z.output<typeof healthSchema>;

/** A healthy copy answers within milliseconds, and a call of a tool that meets a stopped one is to end within 2 s. */
const healthDeadlineMs = 1500;

/** Leaves word of the running service for other copies that use the same data directory. */
export async function writeServiceAddress(dataDir: string, endpoint: ServiceAddress): Promise<void> {
  const path = join(dataDir, "service.json");
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, JSON.stringify(endpoint), { mode: 0o600 });
  await rename(draft, path);
}

/** The endpoint that was written last; its service may be gone. */
export async function readServiceAddress(dataDir: string): Promise<ServiceAddress | undefined> {
  try {
    return endpointSchema.parse(JSON.parse(await readFile(join(dataDir, "service.json"), "utf8")));
  } catch {
    return undefined;
  }
}

/** Asks a service who it is, without any key: undefined when nobody, or somebody else, answers there, `silent` when nobody does within 1.5 s. */
export async function askHealth(url: string): Promise<Health | "silent" | undefined> {
  const signal = AbortSignal.timeout(healthDeadlineMs);
  try {
    const response = await fetch(new URL("/healthz", url), { redirect: "error", signal });
    return healthSchema.parse(await response.json());
  } catch {
    return signal.aborted ? "silent" : undefined;
  }
}
