import { OperatorLogin } from "../../src/approval-page/operator-login.ts";
import { createDashboard } from "../../src/dashboard/dashboard.ts";
import { Secret } from "../../src/domain/secret.ts";
import { silentLog } from "../../src/lib/log.ts";
import { selectResources } from "../../src/resources/index.ts";
import { tools } from "../../src/tools/index.ts";
import { closeLater, start, token } from "../mcp/http-world.ts";
import { startWorld, type World, type WorldSetup } from "../support/world.ts";

export type DashboardWorld = {
  readonly world: World;
  /** Address of the page. */
  readonly url: string;
};

/** The page of a running server before a whole product. */
export async function serveDashboard(setup: WorldSetup = {}, isGuarded = false): Promise<DashboardWorld> {
  const world = await startWorld(setup);
  closeLater(() => world.stop());
  const { clock, audit, context } = world;
  const login = isGuarded ? { login: new OperatorLogin({ clock, log: silentLog, token: new Secret(token) }) } : {};
  const url = await start({
    tools,
    resources: selectResources({ isReadOnly: false }),
    makeContext: (caller) => ({ ...context, ...caller, principal: "local" }),
    buildPage: (host) => createDashboard({ host, audit, clock, log: silentLog, isLoopback: true, ...login }),
    ...(isGuarded && { token }),
  });
  return { world, url: url.replace("/mcp", "/") };
}
