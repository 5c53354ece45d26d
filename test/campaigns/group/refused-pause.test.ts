import { afterEach, beforeEach, expect, test } from "vitest";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { longFile, longRequest } from "../../support/campaigns/long-list.ts";
import { waitUntil } from "../../support/wait-until.ts";
import { startWorld, type World } from "../../support/world.ts";

const people = 2010;

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
  const policy = { limits: { maxRecipientsPerStart: 5000, maxRecipientsPerDay: 10_000 } };
  world = await startWorld({ carrierEnvironment: "live", policy, watchApi });
  await world.file("long.csv", longFile(people));
  id = (await world.tool("create_batch_call", longRequest())).batch.batch_id;
  await world.problem("start_batch", { batch_id: id, start: "now" });
});
afterEach(() => world.stop());

const asked = () => world.pages[0];
const state = () => world.approvals.get(asked()?.id ?? "", world.clock.now())?.state;
const agree = () => {
  const by = { channel: "page", principal: "ana" } as const;
  world.approvals.approve(asked()?.id ?? "", people, by, world.clock.now());
};
const proceed = async () => {
  const request = asked();
  if (request) await world.campaigns.proceed(request);
};
const statuses = async (): Promise<string[]> =>
  (await world.tool("get_batch_status", { batch_id: id })).batch.parts.map((part: { status: string }) => part.status);

test("a pause of linked drafts is refused and changes nothing: the question stays open, and an answer starts them", async () => {
  const refusal = await world.problem("pause_batch", { batch_id: id });
  expect(refusal).toMatchObject({ code: "wrong_state", message: expect.stringContaining("Nothing was changed") });
  expect(state()).toBe("waiting");
  const { launch } = await world.tool("get_batch_status", { batch_id: id });
  expect(launch).toContain("starts by itself once they do");
  agree();
  await proceed();
  await waitUntil("all parts run", async () => (await statuses()).every((status) => status === "sent"));
});

test("a pause of one part, a draft as well, leaves the question about all of them open", async () => {
  const { batch } = await world.tool("get_batch_status", { batch_id: id });
  const refusal = await world.problem("pause_batch", { batch_id: batch.parts[0].batch_id });
  expect(refusal).toMatchObject({ code: "wrong_state", message: expect.stringContaining("Nothing was changed") });
  expect(state()).toBe("waiting");
});

test("an answer that comes while the pause looks at the linked drafts starts nobody", async () => {
  beforeRead = () => {
    beforeRead = () => {};
    agree();
  };
  await world.problem("pause_batch", { batch_id: id });
  await proceed();
  await world.clock.advance({ minutes: 5 });
  expect(await statuses()).toEqual(["draft", "draft", "draft"]);
  expect(world.carrier.rings).toHaveLength(0);
});
