import { afterEach, beforeEach, expect, test } from "vitest";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { request, startWorld, type World } from "../../support/world.ts";

let world: World;
let id: string;
let beforeRead: () => void;
beforeEach(async () => {
  beforeRead = () => {};
  const watchApi = (api: BatchCallApi): BatchCallApi => ({
    ...api,
    async getBatch(batchId) {
      const batch = await api.getBatch(batchId);
      beforeRead();
      return batch;
    },
  });
  world = await startWorld({ carrierEnvironment: "live", watchApi });
  id = (await world.tool("create_batch_call", request(3))).batch.batch_id;
  await world.problem("start_batch", { batch_id: id, start: "now" });
});
afterEach(() => world.stop());

const asked = () => world.pages[0];
const state = () => world.approvals.get(asked()?.id ?? "", world.clock.now())?.state;
const agree = () => {
  const by = { channel: "page", principal: "ana" } as const;
  world.approvals.approve(asked()?.id ?? "", 3, by, world.clock.now());
};
const proceed = async () => {
  const request = asked();
  if (request) await world.campaigns.proceed(request);
};
const launch = async () => (await world.tool("get_batch_status", { batch_id: id })).launch;

test("a pause of a draft is refused and changes nothing: the question stays open, and an answer starts the batch", async () => {
  const refusal = await world.problem("pause_batch", { batch_id: id });
  expect(refusal).toMatchObject({ code: "wrong_state", message: expect.stringContaining("Nothing was changed") });
  expect(state()).toBe("waiting");
  expect(await launch()).toContain("starts by itself once they do");
  agree();
  await proceed();
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings).toHaveLength(3);
});

test("an answer that comes while the pause looks at the draft starts nobody", async () => {
  beforeRead = () => {
    beforeRead = () => {};
    agree();
  };
  await world.problem("pause_batch", { batch_id: id });
  await proceed();
  await world.clock.advance({ minutes: 5 });
  expect(world.carrier.rings).toHaveLength(0);
});

test("a question that was withdrawn is told as that at once", async () => {
  await world.tool("update_batch", { batch_id: id, timezone: "America/Chicago" });
  expect(await launch()).toContain("The batch was edited.");
  await world.clock.advance({ seconds: 5 });
  expect(await launch()).toContain("The batch was edited.");
});
