import { systemClock } from "../../../src/lib/clock.ts";
import { HostedApi } from "../http/hosted-api.ts";
import { HostedPhones } from "../http/hosted-phones.ts";
import { keysOf, urlOf } from "./ask-service.ts";
import { builtProgram, type Home, type RunningProgram, run } from "./spawn.ts";

/** A `service` with the carrier `hosted` in front of a stand-in of the hosted API that has only documented fields. */
export type HostedService = {
  readonly api: HostedApi;
  readonly phones: HostedPhones;
  readonly service: RunningProgram;
  readonly url: string;
  /** With which an MCP server takes the service for its API. */
  readonly clientSettings: Record<string, string>;
  stop(): Promise<void>;
};

/** The settings of a service in front of the API at that address, which rings at any hour: else tests would wait for people's morning. */
export function hostedSettings(url: string): Record<string, string> {
  return {
    BATCH_CALL_CARRIER: "hosted",
    BATCH_CALL_CARRIER_URL: url,
    BATCH_CALL_CARRIER_KEY: "sk_hosted_key",
    BATCH_CALL_CARRIER_SECRET: "s3cr3t_hosted_secret",
    BATCH_CALL_CARRIER_WAVE: "3",
    BATCH_CALL_SERVICE_PORT: "0",
    BATCH_CALL_CALLING_HOURS: "00:00-24:00",
  };
}

export async function startHostedService(home: Home, settings: Record<string, string> = {}): Promise<HostedService> {
  const api = await HostedApi.start();
  const phones = new HostedPhones(systemClock);
  phones.callMs = 100;
  api.phones = phones;
  const service = run(await builtProgram(home, ["service"], { ...hostedSettings(api.url), ...settings }));
  const stop = async (): Promise<void> => {
    await service.stop();
    await api.stop();
  };
  try {
    const url = await urlOf(service);
    const { api_key, api_secret } = await keysOf(home.dataDir);
    const clientSettings = {
      BATCH_CALL_API_URL: url,
      BATCH_CALL_API_KEY: api_key,
      BATCH_CALL_API_SECRET: api_secret,
      BATCH_CALL_CALLING_HOURS: "00:00-24:00",
    };
    return { api, phones, service, url, clientSettings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
