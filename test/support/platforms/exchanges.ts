import { openConnections } from "../../../src/client/connection.ts";
import { Secret } from "../../../src/domain/secret.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { openPlatformHttp } from "../../../src/service/carriers/platforms/platform-http.ts";
import { type PlatformName, PlatformWorld, platformsUnderTest } from "../carriers/platform-world.ts";
import { numberOf } from "../dialing/dialing-world.ts";
import type { StandInExchange } from "./stand-in.ts";

/** What a platform's carrier and its stand-in say to each other in the life of a batch: every route, every outcome, the refusals. */
export async function exchangesOf(name: PlatformName): Promise<readonly StandInExchange[]> {
  const world = await PlatformWorld.open(name);
  const connections = openConnections(systemClock);
  const { platform } = platformsUnderTest[name];
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
    standIn.queueMs = 40_000;
    const paused = await world.addBatch({ firstNumber: 10 });
    await world.pause(paused);
    await clock.advance({ hours: 1 });
    standIn.loseAgent();
    await world.addBatch({ firstNumber: 20 });
    const key = new Secret(standIn.apiKey);
    const { ask } = openPlatformHttp({ platform, baseUrl: standIn.url, key, connections });
    await platform.agents(ask);
    await platform.numbers(ask);
    const wrong = openPlatformHttp({ platform, baseUrl: standIn.url, key: new Secret("other"), connections });
    await platform.numbers(wrong.ask).catch(() => {});
    return standIn.exchanges;
  } finally {
    await connections.close();
    await world.close();
  }
}
