import { type Platform, parseSettings, type Settings } from "./settings.ts";

/** Settings that lead to where calls are, together where one alone would lead elsewhere. */
const ways = [
  ["BATCH_CALL_DATA_DIR"],
  ["BATCH_CALL_DATABASE_URL"],
  ["BATCH_CALL_API_URL", "BATCH_CALL_API_KEY", "BATCH_CALL_API_SECRET"],
  ["BATCH_CALL_ORGANIZATIONS_FILE"],
  ["BATCH_CALL_RESPONSE_ENVELOPE"],
] as const;

/**
 * What can be read of settings of which some cannot (`errors`: what `parseSettings` said): all but the bad ones, or where that is not
 * enough only those that lead to where calls are. `unread`: names of such settings that were given and left out. Of an account all or
 * nothing is taken, so that no key is sent to another address.
 */
export function parseReadable(
  platform: Platform,
  errors: readonly string[],
): { readonly settings: Settings; readonly unread: readonly string[] } {
  const blamed = new Set(errors.flatMap((line) => /^BATCH_CALL_\w+/.exec(line) ?? []));
  const isBlamed = (name: string): boolean =>
    blamed.has(name) || ways.some((way) => way.some((one) => one === name) && way.some((one) => blamed.has(one)));
  const without = keepNames(platform, (name) => !isBlamed(name));
  const settings = parseSettings(without);
  if (!("errors" in settings)) return { settings, unread: unreadOf(platform, without) };
  const readable = ways.filter((way) => !("errors" in parseSettings(keepNames(platform, isOneOf(way)))));
  const only = keepNames(platform, isOneOf(readable.flat()));
  const bare = parseSettings(only);
  if ("errors" in bare) throw new Error(`No settings can be read: ${bare.errors.join(" ")}`);
  return { settings: bare, unread: unreadOf(platform, only) };
}

function isOneOf(names: readonly string[]): (name: string) => boolean {
  return (name) => names.includes(name);
}

/** Everything of the environment that is no setting of ours stays. */
function keepNames(platform: Platform, isKept: (name: string) => boolean): Platform {
  const env = Object.entries(platform.env).filter(([name]) => !name.startsWith("BATCH_CALL_") || isKept(name));
  return { ...platform, env: Object.fromEntries(env) };
}

function unreadOf({ env }: Platform, kept: Platform): readonly string[] {
  return ways.flat().filter((name) => env[name]?.trim() && kept.env[name] === undefined);
}
