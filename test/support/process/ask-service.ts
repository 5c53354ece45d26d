import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { RunningProgram } from "./spawn.ts";

/** Where a `service` listens; resolves when it does. */
export async function urlOf(service: RunningProgram): Promise<string> {
  const [, url = ""] = await service.answered(/service on (http:\S+)/);
  return url;
}

const credentialsFile = z.tuple([z.object({ api_key: z.string(), api_secret: z.string() })], z.unknown());

/** The keys of the first organization of a data directory. */
export async function keysOf(dataDir: string): Promise<{ readonly api_key: string; readonly api_secret: string }> {
  return credentialsFile.parse(JSON.parse(await readFile(join(dataDir, "credentials.json"), "utf8")))[0];
}

/** A request with the keys of its data directory: a POST when there is a body and it is not said otherwise. Rejects unless the answer is a 2xx. */
export async function askService(
  url: string,
  dataDir: string,
  path: string,
  body?: object,
  method = body ? "POST" : "GET",
): Promise<unknown> {
  const keys = await keysOf(dataDir);
  const response = await fetch(new URL(path, url), {
    method,
    headers: { "X-API-KEY": keys.api_key, "X-API-SECRET": keys.api_secret, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
