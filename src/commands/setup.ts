import { nearest } from "../domain/nearest.ts";
import { isCountryCode } from "../domain/phone/number-plans.ts";
import { Problem } from "../domain/problem.ts";
import { plainText } from "../domain/text.ts";
import { systemClock } from "../lib/clock.ts";
import { commandText } from "../lib/command-text.ts";
import { packageVersion } from "../lib/version.ts";
import type { CommandContext } from "../runtime/command-context.ts";
import { type Client, clients, configPath } from "../setup/clients.ts";
import { configDifference } from "../setup/config-difference.ts";
import { type ConfigChange, planConfigChange, writeChange } from "../setup/config-file.ts";
import { type Entry, entryOfThisCopy } from "../setup/entry.ts";
import { type FoundClient, findClients } from "../setup/find-clients.ts";
import { entryByHand } from "../setup/refusals.ts";
import { openTerminal } from "./terminal.ts";

type SetupOptions = { readonly isAgreed: boolean; readonly isTrial: boolean; readonly country?: string };

/**
 * Writes the entry of this copy into a client's file, once a person at a terminal has seen the difference and said yes (`isAgreed`:
 * without asking; `isTrial`: only shows it). Without a client it lists those that are here. Returns 1 when nothing was written although it was to be.
 */
export async function runSetup(
  context: CommandContext,
  named: string | undefined,
  options: SetupOptions,
): Promise<number> {
  if (named === undefined) return listClients(context);
  if (options.country !== undefined && !isCountryCode(options.country.toUpperCase()))
    throw new Problem("invalid_input", `--country must be a two-letter country code such as US. Nothing was written.`);
  const client = clientNamed(named);
  const path = configPath(client, context.platform);
  if (!client.config || path === undefined) {
    context.print(`${client.name} keeps its servers in its own pages. ${inThisTerminal(client.next)}`);
    return 0;
  }
  const { format } = client.config;
  const entry = entryFor(context, options);
  const orByHand = (error: unknown): never => {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.code, `${error.message}\n${entryByHand(path, format, entry)}`, { cause: error });
  };
  const change = await planConfigChange(path, format, entry).catch(orByHand);
  if (change.after === change.before) {
    context.print(`${client.name} has this entry already, in ${path}. Nothing was changed.`);
    return 0;
  }
  context.print(`${client.name}: ${path}${change.before === undefined ? ", a new file" : ""}`);
  for (const line of configDifference(change.before ?? "", change.after)) context.print(`  ${line}`);
  if (options.isTrial) {
    context.print("Nothing was written: --dry-run.");
    return 0;
  }
  if (!(options.isAgreed || (await isAgreed(context)))) {
    context.print("Nothing was written.");
    return 1;
  }
  return write(context, client, change).catch(orByHand);
}

async function write({ print }: CommandContext, client: Client, change: ConfigChange): Promise<number> {
  const backup = await writeChange(change, systemClock.now());
  print(`Written.${backup === undefined ? "" : ` The file as it was: ${backup}`}`);
  print(client.next);
  print("Then say, for example: Preview a call to everybody in contacts.csv.");
  return 0;
}

async function isAgreed({ signal }: CommandContext): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new Problem(
      "unsupported",
      "nobody can answer here, since this is no terminal. Nothing was written. Add --yes to agree beforehand.",
    );
  const terminal = openTerminal(signal);
  try {
    return /^y(es)?$/i.test((await terminal.ask("Write this? (yes or no) "))?.trim() ?? "");
  } finally {
    terminal.close();
  }
}

/** With the lines that the reader can run: of this copy, on its data directory. */
function inThisTerminal(text: string): string {
  return text.replaceAll(/`batch-call-mcp ([^`]+)`/g, (_line, command: string) => `\`${commandText(command)}\``);
}

function clientNamed(named: string): Client {
  const wanted = plain(named);
  const found = clients.find(({ id, name }) => wanted === plain(id) || wanted === plain(name));
  if (found) return found;
  const near = nearest(
    named,
    clients.map(({ id }) => id),
  );
  const instead =
    near === undefined
      ? `Known are: ${clients.map(({ id }) => id).join(", ")}.`
      : `The nearest is: ${commandText(`setup ${near}`)}`;
  throw new Problem("invalid_input", `there is no client "${plainText(named, 60)}". ${instead}`);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** With the data directory of this start where it is not the one that the user has without settings, so that the client's server has the same records, and the country, where they are given. */
function entryFor({ platform, settings }: CommandContext, { country }: SetupOptions): Entry {
  const isOwnDir = platform.env["BATCH_CALL_DATA_DIR"]?.trim() || platform.env["XDG_DATA_HOME"];
  const env = {
    ...(isOwnDir && { BATCH_CALL_DATA_DIR: settings.dataDir }),
    ...((country ?? settings.defaultCountry) && {
      BATCH_CALL_DEFAULT_COUNTRY: (country ?? settings.defaultCountry ?? "").toUpperCase(),
    }),
  };
  const script = process.argv[1] ?? "";
  return entryOfThisCopy({ node: process.execPath, script, version: packageVersion, os: platform.os }, env);
}

async function listClients({ print, platform }: CommandContext): Promise<number> {
  const found = await findClients(platform);
  if (found.length === 0) print("No client that is known here was found on this machine.");
  for (const each of found) print(`${each.client.id.padEnd(15)} ${describe(each)}`);
  const here = new Set(found.map(({ client }) => client));
  const others = clients.filter((client) => !here.has(client)).map(({ id }) => id);
  if (others.length > 0) print(`Not found: ${others.join(", ")}.`);
  const [first] = found;
  print(
    `Next: ${commandText(`setup ${first?.client.id ?? "CLIENT"}`)}, which shows what it would write and asks first.`,
  );
  return 0;
}

function describe({ path, entry, trouble }: FoundClient): string {
  if (trouble !== undefined) return trouble;
  if (!entry) return `${path}: not set up`;
  const args = Array.isArray(entry["args"]) ? entry["args"] : [];
  return `${path}: runs ${plainText([entry["command"] ?? entry["url"], ...args].join(" "), 200)}`;
}
