import { afterEach, describe, expect, test } from "vitest";
import { send } from "../approval-page/page-world.ts";
import { closeAll, token } from "../mcp/http-world.ts";
import { numberOf, request, type World, type WorldSetup } from "../support/world.ts";
import { serveDashboard } from "./dashboard-world.ts";

let world: World;

async function serve(setup: WorldSetup = {}, isGuarded = false): Promise<string> {
  const served = await serveDashboard(setup, isGuarded);
  world = served.world;
  return served.url;
}

describe("the page of the server, by its answers", () => {
  afterEach(closeAll);

  const post = (url: string, path: string, body: object, headers: Record<string, string> = {}) =>
    send(new URL(`/view/${path}`, url).href, {
      headers: { Origin: new URL(url).origin, ...headers },
      body: JSON.stringify(body),
    });
  const callAs = async (url: string, name: string, args: object, headers: Record<string, string>) =>
    JSON.parse((await post(url, "call", { name, arguments: args }, headers)).text);

  test("only the page itself may ask, under the machine's own name", async () => {
    const url = await serve();
    const foreign = { Origin: "http://attacker.example" };
    expect((await post(url, "about", {})).status).toBe(200);
    expect((await post(url, "about", {}, foreign)).status).toBe(403);
    expect((await post(url, "about", {}, { "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
    expect((await post(url, "about", {}, { Host: "attacker.example", Origin: "http://attacker.example" })).status).toBe(
      403,
    );
    expect((await send(url, { method: "GET", headers: { Host: "attacker.example" } })).status).toBe(403);
    expect((await send(new URL("/view/events", url).href, { method: "GET" })).status).toBe(403);
  });

  test("with a token nothing is told before a login, and a session tells for a working day", async () => {
    const url = await serve({}, true);
    for (const path of ["about", "call", "read", "lists", "do-not-call", "record", "stopped"])
      expect(
        (await post(url, path, { page: 0, uri: "batch://x/view?", name: "list_batches", arguments: {} })).status,
      ).toBe(401);
    expect((await post(url, "login", { token: "wrong" })).status).toBe(401);
    const entered = await post(url, "login", { token });
    const cookie = { Cookie: String(entered.headers["set-cookie"]).split(";")[0] ?? "" };
    expect((await post(url, "about", {}, cookie)).status).toBe(200);
    await world.clock.advance({ hours: 8 });
    expect((await post(url, "about", {}, cookie)).status).toBe(401);
  });

  test("no call of the page agrees to anything, nor starts what nobody was asked about", async () => {
    const url = await serve({ carrierEnvironment: "live" }, true);
    const entered = await post(url, "login", { token });
    const cookie = { Cookie: String(entered.headers["set-cookie"]).split(";")[0] ?? "" };
    const { batch } = await world.tool("create_batch_call", request(3));
    const id = { batch_id: batch.batch_id };
    const call = (to: string, name: string, args: object) => callAs(to, name, args, cookie);
    const refused = { isError: true, content: [{ text: expect.stringContaining("starts nothing") }] };
    expect(await call(url, "start_batch", { ...id, start: "now" })).toMatchObject(refused);
    await world.problem("start_batch", { ...id, start: "now" });
    const [asked] = world.pages;
    const agreement = { expected_recipients: 3, fingerprint: asked?.summary.fingerprint };
    expect(await call(url, "start_batch", { ...id, start: "now", ...agreement })).toMatchObject(refused);
    expect(await call(url, "resume_batch", { ...id, redial_unknown: true })).toMatchObject(refused);
    const again = await call(url, "start_batch", { ...id, start: "now" });
    expect(again.content[0].text).toMatch(/^needs_approval: .*Nobody was called/);
    for (const name of ["create_batch_call", "update_batch", "test_call", "get_call", "update_do_not_call_list"])
      expect(await call(url, name, {})).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining("not for this page") }],
      });
    expect(world.carrier.dials).toEqual([]);
  });

  test("says while all calls are stopped", async () => {
    const url = await serve();
    const told = async () => JSON.parse((await post(url, "stopped", {})).text);
    expect(await told()).toEqual({});
    world.killSwitch.set(true, "ana", world.clock.now());
    expect(await told()).toEqual({ stopped: expect.stringContaining("All calls are stopped since") });
  });

  test("whoever pauses and resumes a batch there is in the record, with the page", async () => {
    const url = await serve();
    const { batch } = await world.tool("create_batch_call", { ...request(3), start: "now" });
    for (const name of ["pause_batch", "resume_batch", "cancel_batch"])
      await callAs(url, name, { batch_id: batch.batch_id }, {});
    const by = { principal: "local", channel: "dashboard", batchId: batch.batch_id };
    expect(JSON.parse((await post(url, "record", {})).text).entries).toMatchObject([
      { kind: "cancelled", ...by },
      { kind: "resumed", ...by },
      { kind: "paused", ...by },
    ]);
  });

  test("numbers are masked wherever they stand", async () => {
    const url = await serve();
    await world.tool("update_do_not_call_list", { action: "add", numbers: [numberOf(9)], reason: "asked" });
    const { batch } = await world.tool("create_batch_call", request(3));
    const uri = `batch://${batch.batch_id}/view?page=1`;
    const told = [
      await post(url, "do-not-call", { page: 0 }),
      await post(url, "read", { uri }),
      await post(url, "lists", {}),
    ];
    expect(told.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(told[0]?.text).toContain("0109");
    for (const { text } of told) expect(text).not.toMatch(/\+1201555\d{4}/);
    expect((await post(url, "read", { uri: `batch://${batch.batch_id}/report?` })).status).toBe(422);
  });
});
