import { delimiter } from "node:path";
import { z } from "zod";
import { isCountryCode } from "../domain/phone/phone-number.ts";
import { type Issue, isIssue } from "../domain/problem.ts";
import { Secret } from "../domain/secret.ts";
import { approvalModes, isCurrency, parseCountries, parseNumberTypes } from "../domain/start-policy.ts";
import { parseTestNumbers } from "../domain/test-numbers.ts";
import { parseCallingHours } from "../domain/time/calling-hours.ts";
import { presetScopes } from "../domain/time/hour-presets.ts";
import { isZone } from "../domain/time/zone.ts";
import { logLevels } from "../lib/log-levels.ts";
import { accessSchemas } from "./access.ts";
import { carrierSchemas } from "./carrier.ts";
import { parseSettingPath, windowsPath } from "./setting-path.ts";
import { amount, readBy, wholeNumber } from "./setting-row.ts";
import { webhookSchemas } from "./webhooks.ts";

const port = wholeNumber(0, 65_535);
const secret = z.string().transform((text) => new Secret(text));

/** How the value of each setting is read. */
export const settingSchemas = {
  BATCH_CALL_API_URL: z.url({ protocol: /^https?$/, error: "an http(s) URL" }).optional(),
  BATCH_CALL_API_KEY: secret.optional(),
  BATCH_CALL_API_SECRET: secret.optional(),
  BATCH_CALL_DATA_DIR: readBy((text) => parseSettingPath(text, "BATCH_CALL_DATA_DIR")).optional(),
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
  BATCH_CALL_HOURS_PRESET: z.enum(presetScopes, { error: `one of ${presetScopes.join(", ")}` }).optional(),
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
  BATCH_CALL_REQUIRE_CONSENT: z.enum(["off", "on"], { error: "on or off" }).default("off"),
  BATCH_CALL_MAX_CONCURRENT: wholeNumber(1, 10_000).optional(),
  BATCH_CALL_MAX_CONCURRENT_PER_BATCH: wholeNumber(1, 10_000).optional(),
  BATCH_CALL_STARTS_PER_SECOND: wholeNumber(1, 10_000).optional(),
  BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES: wholeNumber(0, 8760).optional(),
  BATCH_CALL_RESPONSE_ENVELOPE: z.enum(["off", "on"], { error: "on or off" }).default("off"),
  ...carrierSchemas,
  ...webhookSchemas,
  BATCH_CALL_SIMULATED_SPEED: amount(0.1, 1_000_000).default(10),
  BATCH_CALL_SIMULATED_SEED: wholeNumber(0, 4_294_967_295).default(1),
  BATCH_CALL_HTTP_HOST: z.string().default("127.0.0.1"),
  BATCH_CALL_HTTP_PORT: port.default(3000),
  ...accessSchemas,
  BATCH_CALL_SERVICE_PORT: port.default(8080),
  BATCH_CALL_WORKER_PORT: port.optional(),
  BATCH_CALL_LOG_LEVEL: z.enum(logLevels, { error: `one of ${logLevels.join(", ")}` }).default("info"),
} as const;

/** Every setting as it was read, defaults filled in. */
export type SettingValues = z.output<z.ZodObject<typeof settingSchemas>>;

/** A folder that is wrong is refused as a whole, so that no list is looked for in the others alone. */
function parseFolders(text: string): readonly [string, ...string[]] | Issue {
  const field = "BATCH_CALL_FILES_DIR";
  // A drive's colon would stand between two folders here.
  if (delimiter === ":" && /(?:^|:)[a-z]:[\\/]/i.test(text)) return windowsPath(text, field);
  const paths = text
    .split(delimiter)
    .filter((path) => path.trim() !== "")
    .map((path) => parseSettingPath(path, field));
  const wrong = paths.find((path) => isIssue(path));
  if (wrong !== undefined) return wrong;
  const [first, ...others] = paths.flatMap((path) => (isIssue(path) ? [] : path));
  if (first !== undefined) return [first, ...others];
  return { field, code: "required", message: `name one folder, or several with "${delimiter}" between them.` };
}
