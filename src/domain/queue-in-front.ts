import { programText } from "../lib/command-text.ts";

/**
 * The way to what an API without our extensions cannot do, as the end of a refusal. `can` says in a few words what our queue in
 * front of that API does, such as `can pause a batch that runs`.
 */
export function queueInFront(can: string): string {
  return `Our own queue in front of this API ${can}: run \`${programText("service")}\` with BATCH_CALL_CARRIER=hosted and this account's keys as BATCH_CALL_CARRIER_KEY and BATCH_CALL_CARRIER_SECRET, and set BATCH_CALL_API_URL and the keys here to that service's (docs/carriers.md).`;
}
