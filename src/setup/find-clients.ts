import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Problem } from "../domain/problem.ts";
import { type Client, clients, configPath, filledIn } from "./clients.ts";
import { readEntry } from "./config-file.ts";

/** Where clients are looked for. */
export type Machine = { readonly os: NodeJS.Platform; readonly env: Readonly<Record<string, string | undefined>> };

/** A client of this machine and how this server stands in its file. */
export type FoundClient = {
  readonly client: Client;
  readonly path: string;
  /** The entry as the file has it; undefined without one. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** Why the file cannot be read. */
  readonly trouble?: string;
};

/** The clients that have been here, by their files and folders. */
export async function findClients(machine: Machine): Promise<readonly FoundClient[]> {
  const found = clients.map((client) => lookAt(client, machine));
  return (await Promise.all(found)).filter((each) => each !== undefined);
}

async function lookAt(client: Client, machine: Machine): Promise<FoundClient | undefined> {
  const path = configPath(client, machine);
  if (!client.config || path === undefined) return undefined;
  const { sign, format } = client.config;
  if (!existsSync(path) && !existsSync(sign === undefined ? dirname(path) : filledIn(sign, machine.env)))
    return undefined;
  try {
    const entry = await readEntry(path, format);
    return { client, path, ...(entry && { entry }) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { client, path, trouble: error.message };
  }
}
