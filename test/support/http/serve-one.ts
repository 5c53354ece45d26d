import { createGate, type Gate } from "../../../src/access/index.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { createHttpServer, type HttpOptions, type RunningHttpServer } from "../../../src/mcp/http.ts";
import type { ServedTools } from "../../../src/mcp/served.ts";
import type { OpenOrganization } from "../../../src/mcp/visit.ts";

/** A server of one organization, which is whoever sends the token, or everybody where there is none. */
export type OneOrganization = Omit<HttpOptions, "gate" | "openOrganization"> &
  ServedTools &
  Pick<OpenOrganization, "keepUpload" | "takeDownload" | "audit"> & {
    readonly token?: string | undefined;
    readonly gate?: Gate;
  };

export function gateOf(token?: string | undefined): Gate {
  return createGate({ clock: systemClock, ...(token !== undefined && { token: new Secret(token) }) });
}

export function serveOne(
  { token, gate = gateOf(token), makeContext, keepUpload, takeDownload, audit, ...options }: OneOrganization,
  ...others: Parameters<typeof createHttpServer> extends [unknown, ...infer Rest] ? Rest : never
): Promise<RunningHttpServer> {
  const organization: OpenOrganization = {
    makeContext,
    ...(keepUpload && { keepUpload }),
    ...(takeDownload && { takeDownload }),
    ...(audit && { audit }),
  };
  return createHttpServer({ ...options, gate, openOrganization: async () => organization }, ...others);
}
