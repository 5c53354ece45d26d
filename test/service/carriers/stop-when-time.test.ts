import assert from "node:assert/strict";
import { test } from "vitest";
import { certain, openScene } from "../../support/features/scene.ts";

const others = Array.from({ length: 8 }, (_, index) => `+141555502${10 + index}`);

for (const way of ["simulated", "hosted"] as const) {
  test(`a batch whose time is up ends, and is not held because the agreement is over at the same instant: ${way}`, async () => {
    const scene = await openScene(way, { maxConcurrent: 1 });
    const at = new Date(scene.world.clock.now().getTime() + 10_000).toISOString();
    const id = await scene.create([certain.answers, ...others], { stop_when: { at } });
    await scene.start(id);
    await scene.world.clock.advance({ hours: 1 });
    const { counts, ...batch } = await scene.status(id);
    assert.ok(batch.is_final, JSON.stringify({ counts, held: batch["held_reason"] }));
    assert.ok(counts.cancelled > 0);
    assert.match(JSON.stringify(batch), /stop_when: it is 2026-03-02T17:00/);
    await scene.close();
  });
}
