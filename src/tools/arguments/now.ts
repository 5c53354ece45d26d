import { z } from "zod";
import { isZone, toWallTime } from "../../domain/time/zone.ts";
import type { ToolContext } from "../tool.ts";
import type { TimeView } from "./shapes.ts";

/** A zone that the API invented is shown in UTC rather than refused. */
export function showTime(at: Date, zone: string): TimeView {
  return { local: toWallTime(at, isZone(zone) ? zone : "UTC"), utc: at.toISOString().replace(/\.\d+Z$/, "Z") };
}

/** The time now and the zone of that clock: what the times of an answer are read against. */
export type NowView = TimeView & { readonly zone: string };

/** As an output declares it, in few bytes: every answer with times has it. */
export const nowField = () => z.looseObject({}).optional();

/** In the zone of what is told of, else in the server's own. */
export function nowIn(zone: string | undefined, { clock, timezone }: Pick<ToolContext, "clock" | "timezone">): NowView {
  const told = zone ?? timezone;
  const known = isZone(told) ? told : "UTC";
  return { ...showTime(clock.now(), known), zone: known };
}

export function toNowText({ local, utc, zone }: Readonly<Record<string, unknown>> = {}): string {
  return `Now: ${String(local)} in ${String(zone)} (${String(utc)})`;
}
