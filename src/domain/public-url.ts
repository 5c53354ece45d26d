import { isLoopback } from "./secret.ts";

/** Whether a `Host` header names the host of that URL, with whatever port: a proxy may add or leave out the usual one. */
export function isHostOf(publicUrl: string | undefined, host: string): boolean {
  return publicUrl !== undefined && host.replace(/:\d+$/, "").toLowerCase() === new URL(publicUrl).hostname;
}

/** Whether an `Origin` header names the pages that are reached under that URL. */
export function isOriginOf(publicUrl: string | undefined, origin: string | undefined): boolean {
  return publicUrl !== undefined && origin === new URL(publicUrl).origin;
}

/** Whether other machines reach a server under that URL. */
export function isOnOtherMachines(publicUrl: string | undefined): boolean {
  return publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname);
}
