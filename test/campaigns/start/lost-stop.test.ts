import { afterEach, beforeEach, expect, test } from "vitest";
import { cancelBatch, pauseBatch } from "../../../src/campaigns/start/stop-batch.ts";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { Problem } from "../../../src/domain/problem.ts";
import { request, startWorld, type World } from "../../support/world.ts";

let world: World;
let id: string;
beforeEach(async () => {
  world = await startWorld();
  id = (await world.tool("create_batch_call", { ...request(3), start: "now" })).batch.batch_id;
});
afterEach(() => world.stop());

/** The service's own API, whose answer to a stop is lost; `arrives`: once the request was taken. */
function losing(arrives: boolean): BatchCallApi {
  const { api } = world.context;
  const lose = async (stop: () => Promise<unknown>): Promise<never> => {
    if (arrives) await stop();
    throw new Problem("outcome_unknown", "The API did not answer within 30 s after the request was sent.");
  };
  return {
    ...api,
    pauseBatch: (...given) => lose(() => api.pauseBatch(...given)),
    cancelBatch: (...given) => lose(() => api.cancelBatch(...given)),
    getBatch: (...given) => api.getBatch(...given),
  };
}

const cancel = (api: BatchCallApi) => {
  const { clock } = world;
  return cancelBatch(
    { api, clock, account: async () => "account", cancelled: { keep() {}, forget() {} } as never },
    id,
  );
};

test("a pause whose answer was lost is looked for, and told as done where it is", async () => {
  expect(await pauseBatch(losing(true), id)).toMatchObject({ batchId: id, isPaused: true });
});

test("a cancel whose answer was lost is looked for, and told as done where it is", async () => {
  expect(await cancel(losing(true))).toMatchObject({ batchId: id, status: "cancelled" });
});

test("a stop that did not arrive stays unknown", async () => {
  await expect(pauseBatch(losing(false), id)).rejects.toMatchObject({ code: "outcome_unknown" });
  await expect(cancel(losing(false))).rejects.toMatchObject({ code: "outcome_unknown" });
});
