import { afterEach, beforeEach, expect, test } from "vitest";
import { HostedApi } from "../support/http/hosted-api.ts";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

// The direct way: an API with only the documented fields.

let hosted: HostedApi;
let world: World;
beforeEach(async () => {
  hosted = await HostedApi.start();
  world = await startWorld({ upstream: () => hosted.url });
});
afterEach(async () => {
  await world.stop();
  await hosted.stop();
});

test.each([
  ["more people", [1, 2, 3, 4, 5]],
  ["fewer", [1]],
])("the status of a draft whose list was changed counts the people of its new list: %s", async (_who, people) => {
  const { batch } = await world.tool("create_batch_call", request(3, { agent_id: "agent_1" }));
  const id = batch.batch_id;
  const counts = async () => (await world.tool("get_batch_status", { batch_id: id })).batch.counts;
  expect(await counts()).toMatchObject({ total: 3, pending: 3 });
  const { list_id } = await world.tool("preview_batch_call", {
    ...request(0, { agent_id: "agent_1" }),
    tasks: undefined,
    tasks_csv: ["phone", ...people.map(numberOf)].join("\n"),
  });
  await world.tool("update_batch", { batch_id: id, list_id });
  expect(await counts()).toMatchObject({ total: people.length, pending: people.length });
});
