import type { Clock } from "../lib/clock.ts";
import { commandText } from "../lib/command-text.ts";
import type { InProcess } from "../lib/http-exchange.ts";
import type { Log } from "../lib/log.ts";
import { directoryMethods, doNotCallMethods, stopMethods } from "./account.ts";
import type { BatchCallApi } from "./api.ts";
import { batchMethods } from "./batches.ts";
import { type Keys, openConnections, UpstreamFacts } from "./connection.ts";
import { createRequester } from "./requester.ts";

export type ApiOptions = Keys & {
  /** Asked before each attempt: the self-started service can move to another port. */
  readonly baseUrl: () => Promise<string>;
  readonly clock: Clock;
  readonly log: Log;
  /** The service at an origin, where it runs in this process; it is asked over HTTP where absent. */
  readonly inProcess?: (origin: string) => InProcess | undefined;
  /** Spreads repeats; in [0, 1). */
  readonly random?: () => number;
};

const advice = {
  address: "Check that BATCH_CALL_API_URL is the API's address.",
  keys: `Check BATCH_CALL_API_KEY and BATCH_CALL_API_SECRET: \`${commandText("doctor")}\` tries them. After a change, restart this server.`,
  account: "Look with list_phone_numbers and list_agents at what the account of the keys has.",
};

/** The API at a base URL. `close` gives up what is still under way. */
export function createBatchCallApi(options: ApiOptions): BatchCallApi & { close(): Promise<void> } {
  const facts = new UpstreamFacts();
  const connections = openConnections(options.clock, { inProcess: options.inProcess });
  const requester = createRequester({
    ...options,
    random: options.random ?? Math.random,
    connections,
    advice,
    onAnswer: (origin, answer) => facts.note(origin, answer),
  });
  const directory = directoryMethods(requester);
  const origin = async () => (await requester.baseUrl()).origin;
  /** The origin, once an answer told what it is. */
  const knownOrigin = async () => {
    const asked = await origin();
    if (facts.environmentOf(asked)) return asked;
    await directory.listPhoneNumbers({ page: 0, limit: 1 });
    return origin();
  };
  const environment = async () => facts.environmentOf(await knownOrigin()) ?? "live";
  const hasBrake = async () => facts.isOurs(await knownOrigin());

  return {
    ...batchMethods(requester, (origin) => facts.isOurs(origin)),
    ...directory,
    ...doNotCallMethods(requester),
    ...stopMethods(requester, hasBrake),
    origin,
    environment,
    hasBrake,
    async callLimits() {
      const known = await knownOrigin();
      return facts.isOurs(known) ? facts.limitsOf(known) : undefined;
    },
    close: () => connections.close(),
  };
}
