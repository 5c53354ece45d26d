import { describe, expect, test } from "vitest";
import { fromAgentBody } from "../../src/contract/account.ts";
import { fromBatchBody } from "../../src/contract/batch/batch.ts";
import { fromCreateBatchBody, toCreateBatchBody } from "../../src/contract/batch/create-batch.ts";
import { fromEditBatchBody } from "../../src/contract/batch/edit.ts";
import { fromFilterBody, fromListQuery, toFilterBody, toListQuery } from "../../src/contract/batch/list.ts";
import { fromTaskBody } from "../../src/contract/batch/tasks.ts";
import { failureText, isFailureBody, unwrap } from "../../src/contract/envelope.ts";
import { fromPageBody, toNextPage } from "../../src/contract/paging.ts";
import { buildPath, routes } from "../../src/contract/routes.ts";
import type { BatchPlan } from "../../src/domain/batch/plan.ts";
import type { E164 } from "../../src/domain/phone/phone-number.ts";
import { accepted, createBody, createPage, early, problemsOf } from "./fixture.ts";

// One test for each contradiction between the API's pages that a route of ours touches; the reading we took is its name.

const at = new Date("2026-06-01T09:00:00Z");
const row = { batch_call_id: "batch_1", name: "n", status: "draft", total_task_count: 1 };
const plan: BatchPlan = {
  name: "June reminders",
  agentId: "agent_1",
  // Safe in tests: both numbers are fictional and well formed.
  fromNumber: "+14155550100" as E164,
  timezone: "America/New_York",
  recipients: [{ row: 1, toNumber: "+14155550101" as E164, type: "fixed_line_or_mobile", variables: {} }],
  rules: { retryConfig: { enabled: true, maxAttempts: 3 } },
  start: { kind: "at", at },
};
const startOf = (fields: Record<string, unknown>) => accepted(fromCreateBatchBody(createBody(fields), early)).start;

describe("creating", () => {
  test("C1: a trigger in seconds and one in milliseconds are the same instant; we send milliseconds", () => {
    expect(startOf({ trigger_timestamp: at.getTime() / 1000 })).toEqual({ kind: "scheduled", at });
    expect(startOf({ trigger_timestamp: at.getTime() })).toEqual({ kind: "scheduled", at });
    expect(toCreateBatchBody(plan).trigger_timestamp).toBe(at.getTime());
  });

  test("C8: our service wants a name and an agent, as the newer page does", () => {
    const body = createBody({ name: undefined, agent_id: undefined });
    expect(problemsOf(fromCreateBatchBody(body, early))).toEqual(["name required", "agent_id required"]);
  });

  test("C9: neither send_now nor a trigger calls nobody: it is refused", () => {
    const body = createBody({ send_now: undefined, trigger_timestamp: undefined });
    expect(problemsOf(fromCreateBatchBody(body, early))).toEqual(["trigger_timestamp required"]);
  });

  test("C10: send_now may be left out; we always send it", () => {
    expect(startOf({ send_now: undefined })).toEqual({ kind: "scheduled", at });
    expect(toCreateBatchBody(plan).send_now).toBe(false);
  });

  test("C11: send_now wins over a trigger, even one in the past", () => {
    expect(startOf({ send_now: true })).toEqual({ kind: "now" });
    expect(startOf({ send_now: true, trigger_timestamp: early.getTime() - 1 })).toEqual({ kind: "now" });
  });

  test("C12: a draft wins over send_now and over a trigger, which it keeps as its intended time", () => {
    expect(startOf({ status: "draft", send_now: true, trigger_timestamp: undefined })).toEqual({ kind: "draft" });
    expect(startOf({ status: "draft" })).toEqual({ kind: "draft", at });
    expect(toCreateBatchBody(plan)).toMatchObject({ status: "draft", send_now: false });
  });

  test("C13: both forms of retries are taken; we send the newer one, and max_retries where a task has it", () => {
    const tasks = [{ to_number: "+14155550101", max_retries: 3 }];
    const read = accepted(
      fromCreateBatchBody(createBody({ tasks, retry_config: { enabled: true, max_attempts: 2 } }), early),
    );
    expect(read).toMatchObject({ tasks: [{ maxRetries: 3 }], rules: { retryConfig: { maxAttempts: 2 } } });
    expect(toCreateBatchBody(plan)).toMatchObject({ retry_config: { enabled: true, max_attempts: 3 } });
    expect(toCreateBatchBody(plan).tasks[0]).not.toHaveProperty("max_retries");
  });

  test("C24: the organization is not sent; one that is sent to us is passed over", () => {
    expect(toCreateBatchBody(plan)).not.toHaveProperty("organization_id");
    expect(startOf({ organization_id: "org_of_somebody_else" })).toEqual({ kind: "scheduled", at });
  });

  test("C8: a draft needs neither name nor agent, as on the older page; a batch that may call needs both", () => {
    const minimum = { from_number: "+14155550100", tasks: [{ to_number: "+14155550101" }] };
    expect(accepted(fromCreateBatchBody(minimum, early))).toMatchObject({ agentId: "", start: { kind: "draft" } });
    expect(accepted(fromCreateBatchBody({ ...minimum, status: "draft" }, early)).start).toEqual({ kind: "draft" });
    for (const start of [{ send_now: true }, { trigger_timestamp: at.getTime() }])
      expect(problemsOf(fromCreateBatchBody({ ...minimum, ...start }, early))).toEqual([
        "name required",
        "agent_id required",
      ]);
    expect(problemsOf(fromCreateBatchBody({ ...minimum, send_now: false }, early))).toContain(
      "trigger_timestamp required",
    );
  });

  test("C30: agents per task are not offered: the batch's agent is required and a task's is refused", () => {
    const body = createBody({ agent_id: undefined, tasks: [{ to_number: "+14155550101", agent_id: "agent_2" }] });
    expect(problemsOf(fromCreateBatchBody(body, early))).toEqual(["agent_id required", "row 1 agent_id unknown_field"]);
  });
});

describe("reading a batch", () => {
  test("C2: scheduled_timestamp in seconds and in milliseconds are the same instant", () => {
    expect(fromBatchBody({ ...row, scheduled_timestamp: at.getTime() / 1000 })?.scheduledAt).toEqual(at);
    expect(fromBatchBody({ ...row, scheduled_timestamp: at.getTime() })?.scheduledAt).toEqual(at);
  });

  test("C4: the flat answer of the newer page and the enveloped one of the older page are both read", () => {
    expect(fromBatchBody(createPage("004", "response"))).toEqual({
      batchId: "batch_call_73077b8359a4478189e503a1547a9147",
      name: "new_batch_call_docs",
      status: "scheduled",
      total: 2,
      isPaused: false,
      agentId: "agent_90412a2c-fb63-418f-af25-8ecc1bdcc16e",
      fromNumber: "+918035315547",
      timezone: "Asia/Calcutta",
      scheduledAt: new Date("2026-02-20T07:49:00Z"),
      createdAt: new Date("2026-02-12T07:48:32.648Z"),
    });
    expect(fromBatchBody(createPage("000", "response"))).toMatchObject({
      batchId: "batch_call_a1b2c3d4e5f6789012345678901234567",
      status: "draft",
      total: 1,
      scheduledAt: new Date("2025-01-01T08:00:00Z"),
    });
  });

  test("C4: a flat batch with a field named data is still flat", () => {
    expect(fromBatchBody({ ...row, data: {} })?.batchId).toBe("batch_1");
  });

  test("C5: status and error of a flat batch are its own, those of an envelope are the answer's", () => {
    expect(isFailureBody({ ...row, status: "error", error: "no credit" })).toBe(false);
    expect(isFailureBody({ message: "Validation error", status: "error", error: "no" })).toBe(true);
    expect(isFailureBody({ message: "ok", status: "success", error: null, data: row })).toBe(false);
  });

  test("C6: a status in capitals is the same status", () => {
    expect(fromBatchBody({ ...row, status: "COMPLETED" })?.status).toBe("completed");
    expect(fromTaskBody({ task_id: "t", to_number: "+14155550101", status: "PENDING" })?.status).toBe("pending");
    expect(startOf({ status: "DRAFT" })).toEqual({ kind: "draft", at });
    expect(toCreateBatchBody(plan).status).toBe("draft");
  });

  test("C7: an id is opaque, whatever its length", () => {
    for (const id of ["batch_1", `batch_call_${"a".repeat(33)}`]) {
      expect(fromBatchBody({ ...row, batch_call_id: id })?.batchId).toBe(id);
    }
    expect(buildPath(routes.getBatch, { id: "batch_a/b?c" })).toBe("/batch-call/batch_a%2Fb%3Fc");
  });

  test("C14: created_timestamp and created_at are both when it was created", () => {
    expect(fromBatchBody({ ...row, created_timestamp: at.getTime() })?.createdAt).toEqual(at);
    expect(fromBatchBody({ ...row, created_at: "2026-06-01T09:00:00Z" })?.createdAt).toEqual(at);
  });

  test("C15: the zone is what the answer says, not what was sent", () => {
    expect(createPage("000", "request")).toMatchObject({ timezone: "America/New_York" });
    expect(fromBatchBody(createPage("000", "response"))?.timezone).toBe("UTC");
    expect(fromBatchBody(row)).not.toHaveProperty("timezone");
  });

  test("C16: who created it is personal data and goes no further", () => {
    expect(JSON.stringify(fromBatchBody(createPage("004", "response")))).not.toContain("Aswathi");
    expect(JSON.stringify(fromBatchBody(createPage("000", "response")))).not.toContain("user_12345");
  });

  test("C23: an envelope without an error key is read like one with null", () => {
    expect(unwrap({ message: "ok", status: "success", data: row })).toBe(row);
    expect(failureText({ message: "Call not found", status: "error" })).toBe("Call not found");
  });

  test("C27: total stands in for total_task_count where only it is given", () => {
    expect(fromBatchBody({ ...row, total_task_count: undefined, total: 7 })?.total).toBe(7);
    expect(fromBatchBody({ ...row, total_task_count: 8, total: 7 })?.total).toBe(8);
  });
});

describe("lists", () => {
  const page = { page: 0, limit: 2 };
  const agents = (count: number, pagination?: object) => ({
    data: { agents: Array.from({ length: count }, (_, n) => ({ agent_id: `agent_${n}` })), pagination },
  });
  const read = (count: number, pagination?: object) =>
    fromPageBody(agents(count, pagination), "agents", page, fromAgentBody);

  test("C17: we always ask for a limit; our service gives all rows to who does not", () => {
    expect(toListQuery({ page: 1, limit: 100 })).toMatchObject({ page: "1", limit: "100" });
    expect(accepted(fromListQuery({})).page).toEqual({ page: 0 });
    expect(accepted(fromListQuery({ size: "7" })).page).toEqual({ page: 0, limit: 7 });
  });

  test.each([
    ["total_count", { total_count: 3 }, 3, true],
    ["total", { total: 3 }, 3, true],
    ["a total that is reached", { total_count: 2 }, 2, false],
    ["has_next_page", { total_count: 2, has_next_page: true }, 2, true],
    ["has_next", { total_count: 9, has_next: false }, 9, false],
    ["nothing at all, and the page is full", undefined, undefined, true],
  ])("C18: whether there is more is told by %s", (_key, pagination, totalCount, hasMore) => {
    expect(read(2, pagination)).toMatchObject({ ...(totalCount !== undefined && { totalCount }), hasMore });
  });

  test("C18: a short page is the last one unless it claims more, and an empty one always is", () => {
    expect(read(1, { total_count: 1 })?.hasMore).toBe(false);
    expect(read(1, { total_count: 9, limit: 1 })?.hasMore).toBe(true);
    expect(read(1, { has_next_page: true })?.hasMore).toBe(true);
    expect(read(0, { has_next_page: true, total_count: 9 })?.hasMore).toBe(false);
  });

  const at = (page: number, limit: number, count: number, pagination?: object) =>
    fromPageBody(agents(count, pagination), "agents", { page, limit }, fromAgentBody);

  test.each([
    ["its own size", 50, { limit: 50, total_count: 250 }, 50],
    ["its own size, of which it says nothing", 50, { total_count: 250 }, 50],
    ["its own size, and repeats what was asked for", 50, { limit: 100, total_count: 250 }, 50],
    ["more than was asked for", 150, { limit: 150, total_count: 250 }, 150],
  ])("pages of %s are asked for on by that size", (_what, count, pagination, pageSize) => {
    expect(at(0, 100, count, pagination)).toMatchObject({ hasMore: true, pageSize });
    const next = { page: 1, limit: pageSize };
    expect(toNextPage({ page: 0, limit: 100 }, { rows: [], hasMore: true, pageSize })).toEqual(next);
    expect(at(1, pageSize, count, { ...pagination, total_count: count * 2 })?.hasMore).toBe(false);
  });

  test("everybody on one page is no reason to ask for another", () => {
    expect(at(0, 100, 150, { limit: 150, total_count: 150 })).toMatchObject({ hasMore: false });
    expect(at(0, 100, 150, { limit: 100, total: 150 })).toMatchObject({ hasMore: false });
  });

  test("a page of which nobody can tell where it begins is not read", () => {
    expect(at(0, 100, 150)).toBeUndefined();
    expect(at(1, 100, 50, { limit: 50, total_count: 250 })).toBeUndefined();
    expect(at(1, 100, 150, { limit: 150, total_count: 150 })).toBeUndefined();
  });

  test("C19: page and limit are read nested and at the top level; we nest them for batches", () => {
    expect(accepted(fromFilterBody({ pagination: { page: 2, limit: 5 } })).page).toEqual({ page: 2, limit: 5 });
    expect(accepted(fromFilterBody({ page: 2, limit: 5 })).page).toEqual({ page: 2, limit: 5 });
    expect(toFilterBody({ page: 2, limit: 5 }, {})).toMatchObject({ pagination: { page: 2, limit: 5 } });
  });

  test("C20: an agent filter is read as a list and as one text; we send a list", () => {
    const filter = (agent: unknown) => accepted(fromFilterBody({ filter_criteria: { agent_id: agent } })).filter;
    expect(filter(["agent_1", "agent_2"])).toEqual({ agentId: ["agent_1", "agent_2"] });
    expect(filter("agent_1")).toEqual({ agentId: ["agent_1"] });
    expect(toFilterBody(page, { agentId: ["agent_1"] }).filter_criteria).toEqual({ agent_id: ["agent_1"] });
  });

  test("C6: a status filter is read in any letter case", () => {
    expect(accepted(fromFilterBody({ filter_criteria: { status: ["DRAFT", "sent"] } })).filter.status).toEqual([
      "draft",
      "sent",
    ]);
  });
});

describe("editing", () => {
  const edit = (body: unknown) => fromEditBatchBody(body, early);

  test("C22: the fields of both pages are taken", () => {
    const body = { name: "n", timezone: "Europe/London", agent_id: "agent_2", trigger_timestamp: at.getTime() / 1000 };
    expect(accepted(edit(body))).toEqual({ name: "n", timezone: "Europe/London", agentId: "agent_2", scheduledAt: at });
    expect(accepted(edit({ send_now: true }))).toEqual({ start: "now" });
    expect(accepted(edit({ status: "SENT" }))).toEqual({ start: "now" });
    expect(accepted(edit({ status: "draft", send_now: true }))).toEqual({ start: "draft" });
    expect(accepted(edit({ status: "scheduled" }))).toEqual({ start: "scheduled" });
    expect(accepted(edit({}))).toEqual({});
  });

  test("C22: an edit that cannot be meant is refused", () => {
    expect(problemsOf(edit({ status: "completed" }))).toEqual(["status not_allowed"]);
    expect(problemsOf(edit({ status: "sent", trigger_timestamp: at.getTime() }))).toEqual(["status contradiction"]);
    expect(problemsOf(edit({ trigger_timestamp: early.getTime() }))).toEqual(["trigger_timestamp in_the_past"]);
    expect(problemsOf(edit({ name: "x".repeat(256) }))).toEqual(["name too_large"]);
  });
});

test("C26: batch paths have no /api in front, the other families do", () => {
  for (const { pattern, isExtension } of Object.values(routes)) {
    if (isExtension) continue;
    expect(pattern).toMatch(/^(\/batch-call|\/api\/(calls|agents|phone-numbers))(\/|$)/);
  }
});

test("an id that would name another path is not sent", () => {
  for (const id of ["", ".", "..", "batch_\ud83d", "x".repeat(20_000)])
    expect(() => buildPath(routes.getBatch, { id })).toThrow(/is not an id/);
});
