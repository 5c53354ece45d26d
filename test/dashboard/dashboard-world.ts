import { OperatorLogin } from "../../src/approval-page/operator-login.ts";
import { createDashboard } from "../../src/dashboard/dashboard.ts";
import { silentLog } from "../../src/lib/log.ts";
import { selectResources } from "../../src/resources/index.ts";
import { tools } from "../../src/tools/index.ts";
import { closeLater, start, token } from "../mcp/http-world.ts";
import { gateOf } from "../support/http/serve-one.ts";
import { startWorld, type World, type WorldSetup } from "../support/world.ts";

export type DashboardWorld = {
  readonly world: World;
  /** Address of the page. */
  readonly url: string;
};

/** The page of a running server before a whole product. */
export async function serveDashboard(setup: WorldSetup = {}, isGuarded = false): Promise<DashboardWorld> {
  const world = await startWorld(setup);
  return { world, url: await serveDashboardOf(world, isGuarded) };
}

/** The same before a world that has begun; both end with `closeAll`. Answers the address of the page. */
export async function serveDashboardOf(world: World, isGuarded = false): Promise<string> {
  closeLater(() => world.stop());
  const { clock, audit, context } = world;
  const login = new OperatorLogin({ clock, log: silentLog, gate: gateOf(isGuarded ? token : undefined) });
  const url = await start({
    tools,
    resources: selectResources({ isReadOnly: false }),
    makeContext: (caller) => ({ ...context, ...caller, principal: "local", owner: "local" }),
    audit,
    buildPage: (hostOf) => createDashboard({ hostOf, clock, log: silentLog, isLoopback: true, login }),
    ...(isGuarded && { token }),
  });
  return url.replace("/mcp", "/");
}
