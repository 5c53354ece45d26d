import { createHostedApi, type HostedAccount } from "../client/hosted-api.ts";
import type { CarrierSettings } from "../config/carrier.ts";
import type { HostedApi } from "../contract/hosted-wave.ts";
import { Problem } from "../domain/problem.ts";
import { systemClock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { CarrierAccount } from "../service/accounts/index.ts";

export type HostedSettings = Extract<CarrierSettings, { kind: "hosted" }>;

/** The API behind the carrier `hosted`. Whoever opens it closes it. */
export function openHostedApi({ url, apiKey, apiSecret }: HostedSettings, log: Log): HostedApi & HostedAccount {
  return createHostedApi({ baseUrl: async () => url, apiKey, apiSecret, clock: systemClock, log });
}

/**
 * The agents and caller ids of its account, which are those that batches may name. Throws a `Problem` that says which setting to
 * correct for wrong keys, another address, an account with which nobody can call, and a service of ours.
 */
export async function readHostedAccount(
  api: HostedAccount,
  { url }: Pick<HostedSettings, "url">,
): Promise<CarrierAccount> {
  const account = await readAccount(api, { url });
  if (await api.isOurs())
    throw new Problem(
      "unavailable",
      `${url} is a batch-call service like this one, and no provider of calls. Set BATCH_CALL_CARRIER_URL to the hosted API, or leave it out.`,
    );
  const { agents, phoneNumbers } = account;
  const missing = agents.length === 0 ? "agent" : phoneNumbers.length === 0 ? "caller id" : undefined;
  if (missing)
    throw new Problem(
      "unavailable",
      `the account of BATCH_CALL_CARRIER_KEY at ${url} has no ${missing}. Add one there.`,
    );
  return account;
}

/** As they are now, be there none of them. */
export async function readAccount(api: HostedAccount, { url }: Pick<HostedSettings, "url">): Promise<CarrierAccount> {
  const [numbers, agents] = await readBoth(api, url);
  const createdAt = systemClock.now();
  return {
    agents: agents.map(({ variables = [], ...agent }) => ({ ...agent, variables, language: "und", createdAt })),
    phoneNumbers: numbers.map(({ phoneNumber, nickname = "" }) => ({ phoneNumber, nickname })),
  };
}

async function readBoth(api: HostedAccount, url: string) {
  try {
    return [await api.phoneNumbers(), await api.agents()] as const;
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new Problem(cause.code, `The hosted API at ${url} cannot be used: ${cause.message}${adviceFor(cause)}`, {
      cause,
    });
  }
}

function adviceFor({ code }: Problem): string {
  if (code === "unauthorized") return " Correct BATCH_CALL_CARRIER_KEY and BATCH_CALL_CARRIER_SECRET.";
  return code === "bad_response" ? " Check that BATCH_CALL_CARRIER_URL is the API's address." : "";
}
