import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ApprovalRequest } from "../../src/campaigns/approve/index.ts";
import { Problem } from "../../src/domain/problem.ts";
import { buildLiveBatches } from "../../src/tools/batch/live-batches.ts";
import { request, startWorld, type World } from "../support/world.ts";
import { type PageWorld, sendFromPage, startPageWorld } from "./page-world.ts";

describe("the calls on the page, once somebody agreed", () => {
  let world: PageWorld;
  let asked: ApprovalRequest;
  let link: string;
  beforeEach(async () => {
    world = await startPageWorld();
    asked = world.ask();
    link = world.page.urlFor(asked);
  });
  afterEach(() => world.stop());
  const agree = () => sendFromPage(link, "/answer", { answer: "call", typed: "1042" });

  test("stand below the agreement, with a button that stops them, and again when the page is loaded anew", async () => {
    for (const { text } of [await agree(), await sendFromPage(link, "/question")]) {
      for (const part of ["June &lt;reminders&gt;", "Running", "51 of 1,042 people", "Stop the calls"])
        expect(text).toContain(part);
    }
  });

  test("are stopped by the person whose page it is, who is told what could not be taken back", async () => {
    await agree();
    const { text } = await sendFromPage(link, "/stop", { id: asked.id });
    expect(text).toContain("Stopped: nobody else is called until the batch is resumed. 3 calls are with the provider.");
    expect(text).toContain("Paused");
    expect(text).not.toContain("Stop the calls");
    expect(world.stopped).toEqual(["batch_7f3a by ana"]);
  });

  test("have no button where the API cannot stop them, and end with the batch", async () => {
    world.calls.batch = { ...world.calls.batch, state: "Finished", canStop: false, isOver: true };
    const { text } = await agree();
    expect(text).toContain("Finished");
    expect(text).toContain("data-over");
    expect(text).not.toContain("Stop the calls");
  });

  test.each(["/live", "/stop"])("%s tells and does nothing before somebody agreed, or after a no", async (path) => {
    expect((await sendFromPage(link, path, { id: asked.id })).text).not.toContain("51 of");
    await sendFromPage(link, "/answer", { answer: "no" });
    expect((await sendFromPage(link, path, { id: asked.id })).text).toContain("Nobody is called");
    expect(world.stopped).toEqual([]);
  });

  test.each(["/live", "/stop"])(
    "%s is nobody's without the secret, and about no other question that waits",
    async (path) => {
      const other = world.ask({ batchId: "batch_other", fingerprint: "b".repeat(64) });
      await agree();
      expect((await sendFromPage(link, path, {}, { "X-Approval-Secret": "wrong" })).status).toBe(403);
      expect((await sendFromPage(link, path, {}, { Origin: "http://evil.test" })).status).toBe(403);
      expect(world.stopped).toEqual([]);
      for (const id of [other.id, "garbage", ""]) {
        const { status, text } = await sendFromPage(link, path, { id });
        expect(status).toBe(404);
        expect(text).toContain("This page does not lead there");
        expect(text).toContain("Nothing was done");
        expect(text).not.toContain("51 of");
      }
      expect(world.stopped).toEqual([]);
    },
  );

  test("of other batches that this person's assistant was agreed to are found from the page, and stopped there", async () => {
    const other = world.ask({ batchId: "batch_other", name: "July <invitations>", fingerprint: "b".repeat(64) });
    expect((await sendFromPage(link, "/question")).text).not.toContain("July");
    expect((await sendFromPage(link, "/calls", { id: other.id })).text).not.toContain("July");
    world.approvals.approve(other.id, 1042, { channel: "terminal", principal: "bo" }, world.clock.now());
    for (const { text } of [await sendFromPage(link, "/question"), await agree()]) {
      const button = `<button>See how it goes, or stop it<span class="unseen">: July &lt;invitations&gt;</span>`;
      for (const part of ["Agreed to, and not over", "July &lt;invitations&gt;", `value="${other.id}">${button}`])
        expect(text).toContain(part);
      expect(text.match(/data-focus/g)).toHaveLength(1);
    }
    const { text } = await sendFromPage(link, "/calls", { id: other.id });
    expect(text).toContain("Stop the calls");
    // The way back to what the page was opened for.
    expect(text).toContain('<form action="/question">');
    expect((await sendFromPage(link, "/live", { id: other.id })).text).toContain("51 of 1,042 people");
    await sendFromPage(link, "/stop", { id: other.id });
    expect(world.stopped).toEqual(["batch_other by ana"]);
    // An answer is to the page's own question alone, and to no question unless the form names one of its batch.
    const mine = world.ask({ batchId: "batch_mine", name: "Mine", fingerprint: "c".repeat(64) });
    const own = world.page.urlFor(mine);
    for (const id of [other.id, "garbage"]) {
      expect((await sendFromPage(own, "/answer", { id, answer: "no" })).text).toContain("Nothing was done");
      expect((await sendFromPage(own, "/people", { id })).status).toBe(404);
    }
    expect([world.state(other), world.state(mine)]).toEqual(["approved", "waiting"]);
  });

  test("are still stopped while a newer question about the same batch waits", async () => {
    await agree();
    world.approvals.consume("batch_7f3a", asked.summary.fingerprint, world.clock.now());
    const newer = world.ask({ fingerprint: "c".repeat(64) });
    const { text } = await sendFromPage(link, "/question");
    expect(text).toContain("To agree, type the number of recipients");
    expect(text).toContain(`value="${asked.id}"><button>`);
    expect((await sendFromPage(link, "/calls", { id: asked.id })).text).toContain("Stop the calls");
    expect(world.state(newer)).toBe("waiting");
  });

  test("a refusal is told in its own words, and what went wrong otherwise is not", async () => {
    await agree();
    world.calls.error = new Problem("unsupported", "This API offers no pause.");
    expect((await sendFromPage(link, "/stop", { id: asked.id })).text).toContain(
      "It was not stopped. This API offers no pause.",
    );
    world.calls.error = new Error("secret path");
    const { text } = await sendFromPage(link, "/live", { id: asked.id });
    expect(text).toContain("cannot be read at the moment. The program failed.");
    expect(text).not.toContain("secret path");
  });
});

describe("what a page looks at", () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  test("is the batch as it stands, and a stop pauses it", async () => {
    const { batch } = await world.tool("create_batch_call", { ...request(3), start: "now" });
    const live = buildLiveBatches((principal) => ({ ...world.context, principal }));
    const before = await live.look(batch.batch_id);
    expect(before).toMatchObject({ name: "June reminders", state: "Running", canStop: true, isOver: false });
    expect(before.facts).toContainEqual({ label: "Done", text: "0 of 3 people" });
    await live.stop(batch.batch_id, "ana");
    expect(await live.look(batch.batch_id)).toMatchObject({ state: "Paused", canStop: false });
    expect((await world.tool("get_batch_status", { batch_id: batch.batch_id })).batch.is_paused).toBe(true);
    const { batch: draft } = await world.tool("create_batch_call", request(3, { name: "Draft" }));
    expect([before.isUnstarted, (await live.look(draft.batch_id)).isUnstarted]).toEqual([false, true]);
    const later = { start: "at_time", start_at: "2026-03-02T16:00" };
    const { batch: other } = await world.tool("create_batch_call", { ...request(3, { name: "Other" }), ...later });
    await world.tool("cancel_batch", { batch_id: other.batch_id });
    const { facts } = await live.look(other.batch_id);
    expect(facts).toContainEqual({ label: "Done", text: "0 of 3 people" });
    expect(facts).toContainEqual({ label: "Not called any more", text: "3 people" });
    await expect(live.look("batch_call_none")).rejects.toThrow(Problem);
  });

  test.each([
    ["the caller's words about another question are not shown", undefined],
    ["what became of the start that was agreed to is, in words for them", "The start was sent."],
  ])("%s", async (_what, toPerson) => {
    const { batch } = await world.tool("create_batch_call", { ...request(3), start: "now" });
    const words = "The question was ended. Call the tool again.";
    const startStatus = async () => ({ kind: "ended" as const, words, ...(toPerson && { toPerson }) });
    const campaigns = { ...world.context.campaigns, startStatus };
    const { facts } = await buildLiveBatches(() => ({ ...world.context, campaigns })).look(batch.batch_id);
    expect(facts.find(({ label }) => label === "Start")?.text).toBe(toPerson);
  });
});
