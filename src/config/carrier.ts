import { z } from "zod";
import { isSafeUrl, Secret } from "../domain/secret.ts";
import type { SettingRow } from "./setting-row.ts";

/** What places the calls of the service. */
export type CarrierSettings =
  | { readonly kind: "simulated" }
  | { readonly kind: "http"; readonly url: string; readonly secret: Secret; readonly callbackUrl?: string };

const safeUrl = z.string().refine(isSafeUrl, "an https URL, or an http URL of this machine, without a query");

export const carrierSchemas = {
  BATCH_CALL_CARRIER: z.enum(["simulated", "http"], { error: "one of simulated, http" }).default("simulated"),
  BATCH_CALL_CARRIER_URL: safeUrl.optional(),
  BATCH_CALL_CARRIER_SECRET: z
    .string()
    .min(32, "at least 32 characters long")
    .transform((text) => new Secret(text))
    .optional(),
  BATCH_CALL_CARRIER_CALLBACK_URL: safeUrl.optional(),
} as const;

export const carrierRows: readonly SettingRow[] = [
  {
    name: "BATCH_CALL_CARRIER",
    shownDefault: "simulated",
    about:
      "`service`, `worker`: `simulated`, or `http` for real calls through a bridge (docs/carriers.md). The self-started service is always simulated.",
  },
  {
    name: "BATCH_CALL_CARRIER_URL",
    shownDefault: "none",
    about: "`http` carrier: URL of the bridge, https or on this machine.",
  },
  {
    name: "BATCH_CALL_CARRIER_SECRET",
    shownDefault: "none",
    about: "`http` carrier: secret shared with the bridge, at least 32 characters.",
  },
  {
    name: "BATCH_CALL_CARRIER_CALLBACK_URL",
    shownDefault: "none, the bridge is asked",
    about: "`http` carrier: URL at which the bridge reaches `/carrier/outcomes` of this service.",
  },
];

type Values = z.output<z.ZodObject<typeof carrierSchemas>>;

const neededByHttp = ["BATCH_CALL_CARRIER_URL", "BATCH_CALL_CARRIER_SECRET"] as const;
const onlyForHttp = [...neededByHttp, "BATCH_CALL_CARRIER_CALLBACK_URL"] as const;

/** An `http` carrier needs its bridge; and a bridge without that carrier is never called, which somebody may not expect. */
export function carrierErrors(values: Values | undefined): string[] {
  if (values?.BATCH_CALL_CARRIER === "http") {
    const missing = neededByHttp.filter((name) => values[name] === undefined);
    return missing.map((name) => `${name} is missing: BATCH_CALL_CARRIER is http.`);
  }
  const idle = onlyForHttp.filter((name) => values?.[name] !== undefined);
  return idle.map((name) => `${name} is set, but BATCH_CALL_CARRIER is not http: no real call would be placed.`);
}

export function toCarrierSettings(values: Values): CarrierSettings {
  const { BATCH_CALL_CARRIER_URL: url, BATCH_CALL_CARRIER_SECRET: secret } = values;
  if (values.BATCH_CALL_CARRIER === "simulated" || !url || !secret) return { kind: "simulated" };
  const callbackUrl = values.BATCH_CALL_CARRIER_CALLBACK_URL;
  return { kind: "http", url, secret, ...(callbackUrl && { callbackUrl }) };
}
