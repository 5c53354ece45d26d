import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Secret } from "../domain/secret.ts";
import { defaultHoursBetweenBatches, type StartPolicy } from "../domain/start-policy.ts";
import { findPlaceholder } from "../domain/text.ts";
import { isZone } from "../domain/time/zone.ts";
import type { WebhookSettings } from "../domain/webhooks.ts";
import type { logLevels } from "../lib/log-levels.ts";
import { type AccessSettings, accessErrors, toAccessSettings } from "./access.ts";
import { type CarrierSettings, carrierErrors, isLiveCarrier, paceOf, toCarrierSettings } from "./carrier.ts";
import { type SettingValues, settingSchemas } from "./setting-schemas.ts";
import { toWebhookSettings, webhookErrors } from "./webhooks.ts";

/** Where calls are made: an API account, or the service that starts by itself. */
export type UpstreamSettings =
  | { readonly kind: "account"; readonly url: string; readonly apiKey: Secret; readonly apiSecret: Secret }
  | { readonly kind: "self_started" };

export type Settings = {
  readonly upstream: UpstreamSettings;
  readonly dataDir: string;
  /** Absolute, as the data directory is; results go to the first. */
  readonly filesDirs: readonly [string, ...string[]];
  readonly filesDirIsDefault: boolean;
  readonly clientRoots: "read" | "ignore";
  /** Holds a password. */
  readonly databaseUrl?: Secret;
  readonly defaultCountry?: string;
  /** IANA zone. */
  readonly timezone: string;
  readonly startPolicy: StartPolicy;
  readonly maxConcurrent: number;
  readonly maxConcurrentPerBatch?: number;
  readonly startsPerSecond: number;
  /** Of the start policy, for the service. */
  readonly testNumbers?: readonly string[];
  readonly minHoursBetweenBatches: number;
  readonly answersEnveloped: boolean;
  readonly carrier: CarrierSettings;
  /** Nobody is told of events without. */
  readonly webhooks?: WebhookSettings;
  readonly simulatedSpeed: number;
  readonly simulatedSeed: number;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly httpToken?: Secret;
  readonly access: AccessSettings;
  readonly servicePort: number;
  readonly workerPort?: number;
  readonly logLevel: (typeof logLevels)[number];
};

export type Platform = {
  readonly os: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** IANA zone of the machine. */
  readonly timezone: string;
};

/**
 * Reads all settings from the environment, or returns every bad one at once, a line each. An empty value counts as
 * absent (clients pass `""` for what a user left blank, or the placeholder itself). A `BATCH_CALL_` name that does not exist is an error: a limit
 * that somebody believes to be set must not be ignored.
 */
export function parseSettings(platform: Platform): Settings | { readonly errors: readonly string[] } {
  const given = Object.entries(platform.env).filter(
    ([name, value]) => name.startsWith("BATCH_CALL_") && value?.trim() && !isLeftBlank(value),
  );
  const unfilled = given.flatMap(([name, value]) => placeholderErrors(name, value ?? ""));
  const unknown = given
    .filter(([name]) => !(name in settingSchemas))
    .map(([name]) => `${name} is not a setting of this version. Known: ${Object.keys(settingSchemas).join(", ")}.`);
  const parsed = z
    .object(settingSchemas)
    .safeParse(Object.fromEntries(given.map(([name, value]) => [name, value?.trim()])));
  const isUnfilled = (name: PropertyKey | undefined): boolean =>
    given.some(([known, value]) => known === name && placeholderErrors(known, value ?? "").length > 0);
  const wrong = parsed.error?.issues.filter(({ path: [name] }) => !isUnfilled(name)).map(toLine) ?? [];
  const names = new Set(given.map(([name]) => name));
  const errors = [
    ...unknown,
    ...unfilled,
    ...wrong,
    ...accountErrors(names, platform.env),
    ...startErrors(names, parsed.data),
    ...carrierErrors(parsed.data),
    ...webhookErrors(names),
    ...accessErrors(names),
  ];
  const values = parsed.data;
  if (errors.length > 0 || !values) return { errors };
  return toSettings(values, platform);
}

/** What a bundle's client passes for an optional field that its user left blank. */
function isLeftBlank(value: string): boolean {
  return /^\$\{user_config\.[^}]*\}$/.test(value.trim());
}

/** What pages of examples have in the place of a key or secret: `YOUR_API_KEY`, `<your key>`. */
function isExample(name: string, value: string): boolean {
  return (
    /_(KEY|SECRET|TOKEN)$/.test(name) &&
    /^(<[^<>]*>|your[-_ ][a-z_ -]*(key|secret|token)[a-z_ -]*)$/i.test(value.trim())
  );
}

/** A placeholder is not a value: a key of it would make a start live, and would be sent. */
function placeholderErrors(name: string, value: string): readonly string[] {
  if (isExample(name, value))
    return [
      `${name}: its value is ${value.trim()}, as an example writes it, and not a key. Fill it in, or remove the line.`,
    ];
  const placeholder = findPlaceholder(value);
  if (placeholder === undefined) return [];
  return [
    `${name}: its value holds ${placeholder}, which your client did not fill in. Set that variable where the client takes it from, or remove the line.`,
  ];
}

function toLine(issue: z.core.$ZodIssue): string {
  const isSentence = issue.code === "custom" && issue.params?.["isSentence"] === true;
  return `${issue.path.join(".")}: ${isSentence ? issue.message : `must be ${issue.message}.`}`;
}

const compulsoryCaps = ["BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH", "BATCH_CALL_MAX_RECIPIENTS_PER_DAY"] as const;

/** A spend needs a price, and where nobody agrees to a start, somebody must have chosen how far it can go. */
function startErrors(given: ReadonlySet<string>, values: SettingValues | undefined): string[] {
  const missing = values?.BATCH_CALL_APPROVAL === "policy" ? compulsoryCaps.filter((name) => !given.has(name)) : [];
  const caps = missing.map((name) => `${name} is missing: BATCH_CALL_APPROVAL is policy, which needs it to be set.`);
  const [spend, price] = ["BATCH_CALL_MAX_SPEND_PER_DAY", "BATCH_CALL_PRICE_PER_CALL"].map((name) => given.has(name));
  if (spend && !price) return [...caps, "BATCH_CALL_PRICE_PER_CALL is missing: a spend per day needs it."];
  if (price && !spend)
    return [...caps, "BATCH_CALL_MAX_SPEND_PER_DAY is missing: a price is taken only together with it."];
  if (given.has("BATCH_CALL_CURRENCY") && !price)
    return [...caps, "BATCH_CALL_PRICE_PER_CALL is missing: a currency without a price says nothing."];
  return caps;
}

/** The three of an account go together. */
function accountErrors(given: ReadonlySet<string>, env: Platform["env"]): string[] {
  const key = given.has("BATCH_CALL_API_KEY");
  const apiSecret = given.has("BATCH_CALL_API_SECRET");
  const leftBlank = (name: string): string =>
    isLeftBlank(env[name] ?? "") ? `${name} was not filled in (it is ${env[name]?.trim()})` : `${name} is missing`;
  if (key && !apiSecret) return [`${leftBlank("BATCH_CALL_API_SECRET")}: a key needs its secret.`];
  if (apiSecret && !key) return [`${leftBlank("BATCH_CALL_API_KEY")}: a secret needs its key.`];
  if (key || !given.has("BATCH_CALL_API_URL")) return [];
  return [
    "BATCH_CALL_API_URL is set without BATCH_CALL_API_KEY and BATCH_CALL_API_SECRET. Set all three, or none for the simulated service.",
  ];
}

function toSettings(values: SettingValues, platform: Platform): Settings {
  const { BATCH_CALL_API_KEY: apiKey, BATCH_CALL_API_SECRET: apiSecret } = values;
  const carrier = toCarrierSettings(values);
  const pace = paceOf(carrier.kind);
  const webhooks = toWebhookSettings(values);
  return {
    upstream:
      apiKey && apiSecret
        ? { kind: "account", url: values.BATCH_CALL_API_URL ?? "https://api.zudu.ai", apiKey, apiSecret }
        : { kind: "self_started" },
    dataDir: values.BATCH_CALL_DATA_DIR ?? defaultDataDir(platform),
    filesDirs: values.BATCH_CALL_FILES_DIR ?? [join(homedir(), "Documents", "Batch Calls")],
    filesDirIsDefault: values.BATCH_CALL_FILES_DIR === undefined,
    clientRoots: values.BATCH_CALL_CLIENT_ROOTS,
    ...(values.BATCH_CALL_DATABASE_URL && { databaseUrl: values.BATCH_CALL_DATABASE_URL }),
    ...(values.BATCH_CALL_DEFAULT_COUNTRY && { defaultCountry: values.BATCH_CALL_DEFAULT_COUNTRY }),
    timezone: values.BATCH_CALL_TIMEZONE ?? (isZone(platform.timezone) ? platform.timezone : "UTC"),
    startPolicy: toStartPolicy(values),
    maxConcurrent: values.BATCH_CALL_MAX_CONCURRENT ?? pace.maxConcurrent,
    ...(values.BATCH_CALL_MAX_CONCURRENT_PER_BATCH !== undefined && {
      maxConcurrentPerBatch: values.BATCH_CALL_MAX_CONCURRENT_PER_BATCH,
    }),
    startsPerSecond: values.BATCH_CALL_STARTS_PER_SECOND ?? pace.startsPerSecond,
    ...(values.BATCH_CALL_TEST_NUMBERS && { testNumbers: values.BATCH_CALL_TEST_NUMBERS }),
    minHoursBetweenBatches:
      values.BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES ?? (isLiveCarrier(carrier) ? defaultHoursBetweenBatches : 0),
    answersEnveloped: values.BATCH_CALL_RESPONSE_ENVELOPE === "on",
    carrier,
    ...(webhooks && { webhooks }),
    simulatedSpeed: values.BATCH_CALL_SIMULATED_SPEED,
    simulatedSeed: values.BATCH_CALL_SIMULATED_SEED,
    httpHost: values.BATCH_CALL_HTTP_HOST,
    httpPort: values.BATCH_CALL_HTTP_PORT,
    ...(values.BATCH_CALL_HTTP_TOKEN && { httpToken: values.BATCH_CALL_HTTP_TOKEN }),
    access: toAccessSettings(values),
    servicePort: values.BATCH_CALL_SERVICE_PORT,
    ...(values.BATCH_CALL_WORKER_PORT !== undefined && { workerPort: values.BATCH_CALL_WORKER_PORT }),
    logLevel: values.BATCH_CALL_LOG_LEVEL,
  };
}

function toStartPolicy(values: SettingValues): StartPolicy {
  const { BATCH_CALL_MAX_SPEND_PER_DAY: maxPerDay, BATCH_CALL_PRICE_PER_CALL: pricePerCall } = values;
  const currency = values.BATCH_CALL_CURRENCY;
  const countries = values.BATCH_CALL_ALLOWED_COUNTRIES;
  return {
    approval: values.BATCH_CALL_APPROVAL,
    hours: values.BATCH_CALL_CALLING_HOURS,
    ...(values.BATCH_CALL_HOURS_PRESET && { hoursPreset: values.BATCH_CALL_HOURS_PRESET }),
    ...(countries && { countries }),
    types: values.BATCH_CALL_ALLOWED_NUMBER_TYPES,
    ...(values.BATCH_CALL_TEST_NUMBERS && { testNumbers: values.BATCH_CALL_TEST_NUMBERS }),
    requiresConsent: values.BATCH_CALL_REQUIRE_CONSENT === "on",
    minHoursBetweenBatches: values.BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES ?? defaultHoursBetweenBatches,
    limits: {
      maxRecipientsPerStart: values.BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH,
      maxRecipientsPerDay: values.BATCH_CALL_MAX_RECIPIENTS_PER_DAY,
      ...(maxPerDay !== undefined &&
        pricePerCall !== undefined && { spend: { maxPerDay, pricePerCall, ...(currency && { currency }) } }),
    },
  };
}

function defaultDataDir({ os, env }: Platform): string {
  const name = "batch-call-mcp";
  if (os === "darwin") return join(homedir(), "Library", "Application Support", name);
  if (os === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), name);
  return join(env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), name);
}
