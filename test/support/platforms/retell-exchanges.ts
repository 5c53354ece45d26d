import { openConnections } from "../../../src/client/connection.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { openPlatformHttp } from "../../../src/service/carriers/platforms/platform-http.ts";
import { retell } from "../../../src/service/carriers/platforms/retell/retell.ts";
import { PlatformWorld } from "../carriers/platform-world.ts";
import { numberOf } from "../dialing/dialing-world.ts";
import type { StandInExchange } from "./stand-in.ts";

/** What Retell's carrier and its stand-in say to each other in the life of a batch: every route, every outcome, the refusals. */
export async function retellExchanges(): Promise<readonly StandInExchange[]> {
  const world = await PlatformWorld.open("retell");
  const connections = openConnections(systemClock);
  try {
    const { standIn, clock } = world;
    standIn.refusedNumbers = [numberOf(6)];
    standIn.custom = { confirmed: true };
    const outcomes = ["answered", "busy", "no_answer", "voicemail", "failed"] as const;
    for (const [n, outcome] of outcomes.entries()) standIn.script(numberOf(n + 1), outcome);
    const faults = [undefined, undefined, "no_room", "lost_answer"] as const;
    let next = 0;
    standIn.createFault = () => faults[next++];
    await world.addBatch({ recipients: 7 });
    await clock.advance({ hours: 1 });
    standIn.agents = standIn.agents.map((agent) => ({ ...agent, agent_id: "agent_9" }));
    await world.addBatch({ firstNumber: 20 });
    const key = new Secret(standIn.apiKey);
    const { ask } = openPlatformHttp({ platform: retell, baseUrl: standIn.url, key, connections });
    await retell.agents(ask);
    await retell.numbers(ask);
    const wrong = openPlatformHttp({ platform: retell, baseUrl: standIn.url, key: new Secret("other"), connections });
    await retell.numbers(wrong.ask).catch(() => {});
    return standIn.exchanges;
  } finally {
    await connections.close();
    await world.close();
  }
}
