import { expect, test } from "vitest";
import { callAsMany } from "../support/http/many-organizations.ts";
import { startRunningHttp } from "../support/http/running-http.ts";

test("100 callers of 20 organizations at once: no answer is crossed, and no foreign id is told from one that never was", async () => {
  const server = await startRunningHttp({ BATCH_CALL_HTTP_REQUESTS_PER_MINUTE: "100000" });
  try {
    const { examples, ...figures } = await callAsMany(server, { callers: 100, organizations: 20 });
    expect(examples).toEqual([]);
    expect(figures.answers).toBeGreaterThanOrEqual(100 * (4 + 4 + 24));
    expect(figures).toMatchObject({ crossed: 0, foreign: 1200, told: 0 });
  } finally {
    await server.stop();
  }
}, 180_000);
