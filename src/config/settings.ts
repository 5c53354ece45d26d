import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { z } from "zod";
import { isCountryCode } from "../domain/phone/phone-number.ts";
import type { Issue } from "../domain/problem.ts";
import { Secret } from "../domain/secret.ts";
import {
  approvalModes,
  defaultHoursBetweenBatches,
  isCurrency,
  parseCountries,
  parseNumberTypes,
  type StartPolicy,
} from "../domain/start-policy.ts";
import { parseTestNumbers } from "../domain/test-numbers.ts";
import { findPlaceholder } from "../domain/text.ts";
import { parseCallingHours } from "../domain/time/calling-hours.ts";
import { isZone } from "../domain/time/zone.ts";
import { logLevels } from "../lib/log.ts";
import { inHome } from "../lib/system.ts";
import { type CarrierSettings, carrierErrors, carrierRows, carrierSchemas, toCarrierSettings } from "./carrier.ts";
import { amount, readBy, type SettingRow, wholeNumber } from "./setting-row.ts";

const port = wholeNumber(0, 65_535);
const secret = z.string().transform((text) => new Secret(text));

const schemas = {
  BATCH_CALL_API_URL: z.url({ protocol: /^https?$/, error: "an http(s) URL" }).optional(),
  BATCH_CALL_API_KEY: secret.optional(),
  BATCH_CALL_API_SECRET: secret.optional(),
  BATCH_CALL_DATA_DIR: z.string().optional(),
  BATCH_CALL_FILES_DIR: readBy(parseFolders).optional(),
  BATCH_CALL_CLIENT_ROOTS: z.enum(["read", "ignore"], { error: "read or ignore" }).default("read"),
  BATCH_CALL_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: "a postgres:// URL" })
    .transform((text) => new Secret(text))
    .optional(),
  BATCH_CALL_DEFAULT_COUNTRY: z.string().refine(isCountryCode, "a two-letter country code such as US").optional(),
  BATCH_CALL_TIMEZONE: z.string().refine(isZone, "an IANA time zone such as America/New_York").optional(),
  BATCH_CALL_APPROVAL: z.enum(approvalModes, { error: `one of ${approvalModes.join(", ")}` }).default("auto"),
  BATCH_CALL_CALLING_HOURS: readBy((text) => parseCallingHours(text)).prefault("08:00-21:00"),
  BATCH_CALL_ALLOWED_COUNTRIES: readBy(parseCountries).optional(),
  BATCH_CALL_ALLOWED_NUMBER_TYPES: readBy(parseNumberTypes).prefault("fixed,mobile"),
  BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH: wholeNumber(0, 1_000_000).default(1000),
  BATCH_CALL_MAX_RECIPIENTS_PER_DAY: wholeNumber(0, 1_000_000).default(5000),
  BATCH_CALL_MAX_SPEND_PER_DAY: amount(0, 1_000_000_000).optional(),
  BATCH_CALL_PRICE_PER_CALL: amount(0, 1_000_000).optional(),
  BATCH_CALL_CURRENCY: z
    .string()
    .toUpperCase()
    .refine(isCurrency, "a currency code of ISO 4217 such as USD")
    .optional(),
  BATCH_CALL_TEST_NUMBERS: readBy(parseTestNumbers).optional(),
  BATCH_CALL_MAX_CONCURRENT: wholeNumber(1, 10_000).default(10),
  BATCH_CALL_MAX_CONCURRENT_PER_BATCH: wholeNumber(1, 10_000).optional(),
  BATCH_CALL_STARTS_PER_SECOND: wholeNumber(1, 10_000).default(5),
  BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES: wholeNumber(0, 8760).optional(),
  BATCH_CALL_RESPONSE_ENVELOPE: z.enum(["off", "on"], { error: "on or off" }).default("off"),
  ...carrierSchemas,
  BATCH_CALL_SIMULATED_SPEED: amount(0.1, 1_000_000).default(10),
  BATCH_CALL_SIMULATED_SEED: wholeNumber(0, 4_294_967_295).default(1),
  BATCH_CALL_HTTP_HOST: z.string().default("127.0.0.1"),
  BATCH_CALL_HTTP_PORT: port.default(3000),
  BATCH_CALL_HTTP_TOKEN: z
    .string()
    .min(16, "at least 16 characters long")
    .transform((text) => new Secret(text))
    .optional(),
  BATCH_CALL_SERVICE_PORT: port.default(8080),
  BATCH_CALL_LOG_LEVEL: z.enum(logLevels, { error: `one of ${logLevels.join(", ")}` }).default("info"),
} as const;

/** Every setting, in the order of the README's table. */
export const settingRows: readonly SettingRow[] = [
  {
    name: "BATCH_CALL_API_URL",
    shownDefault: "https://api.zudu.ai when a key is set, else the self-started service",
    about: "Base URL of the batch-call API.",
  },
  {
    name: "BATCH_CALL_API_KEY",
    shownDefault: "none",
    about: "Key of your API account (`X-API-KEY`). Without it everything is simulated.",
  },
  { name: "BATCH_CALL_API_SECRET", shownDefault: "none", about: "Secret of your API account (`X-API-SECRET`)." },
  {
    name: "BATCH_CALL_DATA_DIR",
    shownDefault: "the platform's data directory",
    about: "Where batches, the launch ledger and the service's keys are kept.",
  },
  {
    name: "BATCH_CALL_FILES_DIR",
    shownDefault: "~/Documents/Batch Calls",
    about:
      "Folders that lists are read from by their path, one or several with `:` between them (`;` on Windows). Results are written to the first. Over stdio, and over HTTP on loopback.",
  },
  {
    name: "BATCH_CALL_CLIENT_ROOTS",
    shownDefault: "read",
    about:
      "Over stdio: `read` lists also from the folders that the client offers as its roots (never one that holds the home or the data directory), or `ignore` them.",
  },
  {
    name: "BATCH_CALL_DATABASE_URL",
    shownDefault: "none, a SQLite file in the data directory",
    about: "`service`, `worker`: PostgreSQL database for several dialing processes, `postgres://…` (docs/postgres.md).",
  },
  {
    name: "BATCH_CALL_DEFAULT_COUNTRY",
    shownDefault: "none",
    about: "Country of numbers written without one, such as `US`.",
  },
  { name: "BATCH_CALL_TIMEZONE", shownDefault: "the machine's", about: "IANA zone of times given without one." },
  {
    name: "BATCH_CALL_APPROVAL",
    shownDefault: "auto",
    about:
      "Who agrees to a live launch: `auto` a person (form over stdio, page or `batch-call-mcp approve`), `form` the same with forms over HTTP too (needs `BATCH_CALL_HTTP_TOKEN`, and trusts whoever has it to show them to a person), `host` the client's own tool prompt (at most 10 recipients a launch, 50 a day), `policy` nobody, within caps that must be set.",
  },
  {
    name: "BATCH_CALL_CALLING_HOURS",
    shownDefault: "08:00-21:00",
    about: "Live: when a phone may ring, on the recipient's clocks, in every zone that the number may be in.",
  },
  {
    name: "BATCH_CALL_ALLOWED_COUNTRIES",
    shownDefault: "the caller id's country",
    about: "Live: countries that may be called, such as `US,CA`.",
  },
  {
    name: "BATCH_CALL_ALLOWED_NUMBER_TYPES",
    shownDefault: "fixed,mobile",
    about: "Live: kinds of numbers that may be called, of `fixed`, `mobile`, `toll_free`, `voip`, `personal`.",
  },
  {
    name: "BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH",
    shownDefault: "1000",
    about: "Live: recipients of one launch, at most.",
  },
  {
    name: "BATCH_CALL_MAX_RECIPIENTS_PER_DAY",
    shownDefault: "5000",
    about: "Live: recipients of all launches within any 24 hours, at most.",
  },
  {
    name: "BATCH_CALL_MAX_SPEND_PER_DAY",
    shownDefault: "none",
    about: "Live: what the calls of any 24 hours may cost at most, every attempt counted; needs the price.",
  },
  {
    name: "BATCH_CALL_PRICE_PER_CALL",
    shownDefault: "none",
    about: "Live: what one call costs, in the same currency as the spend.",
  },
  {
    name: "BATCH_CALL_CURRENCY",
    shownDefault: "none, amounts without one",
    about: "Live: currency of price and spend for whoever agrees to a start, such as `USD`.",
  },
  {
    name: "BATCH_CALL_TEST_NUMBERS",
    shownDefault: "none, no test calls",
    about:
      "Numbers that `test_call` may ring without anybody being asked, such as `+14155550123`: phones of your own. All other limits hold, but the hours between two batches (set it for the service too).",
  },
  {
    name: "BATCH_CALL_MAX_CONCURRENT",
    shownDefault: "10",
    about: "Service: calls in progress at once, per organization.",
  },
  {
    name: "BATCH_CALL_MAX_CONCURRENT_PER_BATCH",
    shownDefault: "none",
    about: "Service: calls in progress at once, per batch. Lines are shared out evenly among batches without it, too.",
  },
  {
    name: "BATCH_CALL_STARTS_PER_SECOND",
    shownDefault: "5",
    about: "Service: calls started per second, per caller id.",
  },
  {
    name: "BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES",
    shownDefault: "24; 0 (no such rule) where calls are simulated",
    about:
      "Hours after a call in which a batch reached somebody (answered, voicemail, or nobody knows) in which the service calls that number for no other batch. Towards an API that does not tell whom it reached: hours between all calls of two batches to a number.",
  },
  {
    name: "BATCH_CALL_RESPONSE_ENVELOPE",
    shownDefault: "off",
    about:
      "Service: `on` answers POST /batch-call in the envelope of the API's older page, unless the request's `X-Response-Envelope` says otherwise.",
  },
  ...carrierRows,
  {
    name: "BATCH_CALL_SIMULATED_SPEED",
    shownDefault: "10",
    about:
      "Simulated carrier: how many times faster than life a call rings and talks. Schedules and retry waits stay real.",
  },
  {
    name: "BATCH_CALL_SIMULATED_SEED",
    shownDefault: "1",
    about: "Simulated carrier: the same seed gives the same outcomes.",
  },
  {
    name: "BATCH_CALL_HTTP_HOST",
    shownDefault: "127.0.0.1",
    about: "`http`: address to listen on. Any but loopback needs `BATCH_CALL_HTTP_TOKEN`.",
  },
  { name: "BATCH_CALL_HTTP_PORT", shownDefault: "3000", about: "`http`: port." },
  {
    name: "BATCH_CALL_HTTP_TOKEN",
    shownDefault: "none",
    about: "`http`: bearer token that clients must send, at least 16 characters.",
  },
  { name: "BATCH_CALL_SERVICE_PORT", shownDefault: "8080", about: "`service`: port on 127.0.0.1." },
  { name: "BATCH_CALL_LOG_LEVEL", shownDefault: "info", about: `${logLevels.join(", ")}; the log goes to stderr.` },
];

/** Where calls are made: an API account, or the service that starts by itself. */
export type UpstreamSettings =
  | { readonly kind: "account"; readonly url: string; readonly apiKey: Secret; readonly apiSecret: Secret }
  | { readonly kind: "self_started" };

export type Settings = {
  readonly upstream: UpstreamSettings;
  readonly dataDir: string;
  /** Absolute or not; results go to the first. */
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
  readonly simulatedSpeed: number;
  readonly simulatedSeed: number;
  readonly httpHost: string;
  readonly httpPort: number;
  readonly httpToken?: Secret;
  readonly servicePort: number;
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
    .filter(([name]) => !(name in schemas))
    .map(([name]) => `${name} is not a setting of this version. Known: ${Object.keys(schemas).join(", ")}.`);
  const parsed = z.object(schemas).safeParse(Object.fromEntries(given.map(([name, value]) => [name, value?.trim()])));
  const wrong = parsed.error?.issues.map(toLine) ?? [];
  const names = new Set(given.map(([name]) => name));
  const errors = [
    ...unknown,
    ...unfilled,
    ...wrong,
    ...accountErrors(names),
    ...startErrors(names, parsed.data),
    ...carrierErrors(parsed.data),
  ];
  const values = parsed.data;
  if (errors.length > 0 || !values) return { errors };
  return toSettings(values, platform);
}

/** What a bundle's client passes for an optional field that its user left blank. */
function isLeftBlank(value: string): boolean {
  return /^\$\{user_config\.[^}]*\}$/.test(value.trim());
}

/** A placeholder is not a value: a key of it would make a start live, and would be sent. */
function placeholderErrors(name: string, value: string): readonly string[] {
  const placeholder = findPlaceholder(value);
  if (placeholder === undefined) return [];
  return [
    `${name}: its value holds ${placeholder}, which your client did not fill in. Set that variable where the client takes it from, or remove the line.`,
  ];
}

type Values = z.output<z.ZodObject<typeof schemas>>;

function toLine(issue: z.core.$ZodIssue): string {
  const isSentence = issue.code === "custom" && issue.params?.["isSentence"] === true;
  return `${issue.path.join(".")}: ${isSentence ? issue.message : `must be ${issue.message}.`}`;
}

const compulsoryCaps = ["BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH", "BATCH_CALL_MAX_RECIPIENTS_PER_DAY"] as const;

/** A spend needs a price, and where nobody agrees to a start, somebody must have chosen how far it can go. */
function startErrors(given: ReadonlySet<string>, values: Values | undefined): string[] {
  const missing = values?.BATCH_CALL_APPROVAL === "policy" ? compulsoryCaps.filter((name) => !given.has(name)) : [];
  const caps = missing.map((name) => `${name} is missing: BATCH_CALL_APPROVAL is policy, which needs it to be set.`);
  const [spend, price] = ["BATCH_CALL_MAX_SPEND_PER_DAY", "BATCH_CALL_PRICE_PER_CALL"].map((name) => given.has(name));
  if (spend && !price) return [...caps, "BATCH_CALL_PRICE_PER_CALL is missing: a spend per day needs it."];
  if (price && !spend) return [...caps, "BATCH_CALL_MAX_SPEND_PER_DAY is missing: a price alone limits nothing."];
  if (given.has("BATCH_CALL_CURRENCY") && !price)
    return [...caps, "BATCH_CALL_PRICE_PER_CALL is missing: a currency without a price says nothing."];
  return caps;
}

/** The three of an account go together. */
function accountErrors(given: ReadonlySet<string>): string[] {
  const key = given.has("BATCH_CALL_API_KEY");
  const apiSecret = given.has("BATCH_CALL_API_SECRET");
  if (key && !apiSecret) return ["BATCH_CALL_API_SECRET is missing: a key needs its secret."];
  if (apiSecret && !key) return ["BATCH_CALL_API_KEY is missing: a secret needs its key."];
  if (key || !given.has("BATCH_CALL_API_URL")) return [];
  return [
    "BATCH_CALL_API_URL is set without BATCH_CALL_API_KEY and BATCH_CALL_API_SECRET. Set all three, or none for the simulated service.",
  ];
}

function toSettings(values: Values, platform: Platform): Settings {
  const { BATCH_CALL_API_KEY: apiKey, BATCH_CALL_API_SECRET: apiSecret } = values;
  const carrier = toCarrierSettings(values);
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
    maxConcurrent: values.BATCH_CALL_MAX_CONCURRENT,
    ...(values.BATCH_CALL_MAX_CONCURRENT_PER_BATCH !== undefined && {
      maxConcurrentPerBatch: values.BATCH_CALL_MAX_CONCURRENT_PER_BATCH,
    }),
    startsPerSecond: values.BATCH_CALL_STARTS_PER_SECOND,
    ...(values.BATCH_CALL_TEST_NUMBERS && { testNumbers: values.BATCH_CALL_TEST_NUMBERS }),
    minHoursBetweenBatches:
      values.BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES ?? (carrier.kind === "http" ? defaultHoursBetweenBatches : 0),
    answersEnveloped: values.BATCH_CALL_RESPONSE_ENVELOPE === "on",
    carrier,
    simulatedSpeed: values.BATCH_CALL_SIMULATED_SPEED,
    simulatedSeed: values.BATCH_CALL_SIMULATED_SEED,
    httpHost: values.BATCH_CALL_HTTP_HOST,
    httpPort: values.BATCH_CALL_HTTP_PORT,
    ...(values.BATCH_CALL_HTTP_TOKEN && { httpToken: values.BATCH_CALL_HTTP_TOKEN }),
    servicePort: values.BATCH_CALL_SERVICE_PORT,
    logLevel: values.BATCH_CALL_LOG_LEVEL,
  };
}

function toStartPolicy(values: Values): StartPolicy {
  const { BATCH_CALL_MAX_SPEND_PER_DAY: maxPerDay, BATCH_CALL_PRICE_PER_CALL: pricePerCall } = values;
  const currency = values.BATCH_CALL_CURRENCY;
  const countries = values.BATCH_CALL_ALLOWED_COUNTRIES;
  return {
    approval: values.BATCH_CALL_APPROVAL,
    hours: values.BATCH_CALL_CALLING_HOURS,
    ...(countries && { countries }),
    types: values.BATCH_CALL_ALLOWED_NUMBER_TYPES,
    ...(values.BATCH_CALL_TEST_NUMBERS && { testNumbers: values.BATCH_CALL_TEST_NUMBERS }),
    minHoursBetweenBatches: values.BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES ?? defaultHoursBetweenBatches,
    limits: {
      maxRecipientsPerStart: values.BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH,
      maxRecipientsPerDay: values.BATCH_CALL_MAX_RECIPIENTS_PER_DAY,
      ...(maxPerDay !== undefined &&
        pricePerCall !== undefined && { spend: { maxPerDay, pricePerCall, ...(currency && { currency }) } }),
    },
  };
}

/** Clients set the environment without a shell, so `~` is read here. */
function parseFolders(text: string): readonly [string, ...string[]] | Issue {
  const paths = text.split(delimiter).map((path) => inHome(path.trim()));
  const [first, ...others] = paths.filter((path) => path !== "");
  if (first !== undefined) return [first, ...others];
  const field = "BATCH_CALL_FILES_DIR";
  return { field, code: "required", message: `name one folder, or several with "${delimiter}" between them.` };
}

function defaultDataDir({ os, env }: Platform): string {
  const name = "batch-call-mcp";
  if (os === "darwin") return join(homedir(), "Library", "Application Support", name);
  if (os === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), name);
  return join(env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), name);
}
