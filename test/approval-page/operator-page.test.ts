import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OperatorLogin } from "../../src/approval-page/operator-login.ts";
import { createOperatorPage } from "../../src/approval-page/operator-page.ts";
import type { ApprovalRequest } from "../../src/campaigns/approve/approval.ts";
import type { Scope } from "../../src/domain/access.ts";
import { Problem } from "../../src/domain/problem.ts";
import { silentLog } from "../../src/lib/log.ts";
import { serveExamples } from "../mcp/example-tools.ts";
import { gateOf, serveOne } from "../support/http/serve-one.ts";
import { waitUntil } from "../support/wait-until.ts";
import { type PageWorld, type Sent, send, startPageWorld } from "./page-world.ts";

const token = "correct-horse-battery-staple";

let world: PageWorld;
let asked: ApprovalRequest;
let origin: string;
let logged: object[];
const closers: (() => Promise<void>)[] = [];

async function serve(host: string, gate = gateOf(token)): Promise<string> {
  const { clock } = world;
  const log = { ...silentLog, warn: (fields: object) => void logged.push(fields) };
  const approvalPage = createOperatorPage({
    clock,
    log,
    login: new OperatorLogin({ clock, log, gate }),
    isLoopback: host === "127.0.0.1",
    questionsOf: async () => ({
      approvals: world.approvals,
      clock,
      log,
      liveOf: () => world.live,
      isOnDashboard: ({ summary }) => summary.batchId !== "batch_elsewhere",
      onApproved: ({ summary }) => void world.launched.push(summary.batchId),
      listPeople: async () => ({ people: [{ row: 2, maskedNumber: "+1 *** *** 0123" }], total: 1 }),
    }),
  });
  const server = await serveOne({ ...serveExamples(), host, port: 0, token, approvalPage });
  closers.push(() => server.close());
  return `http://127.0.0.1:${new URL(server.url).port}`;
}

beforeEach(async () => {
  world = await startPageWorld();
  logged = [];
  asked = world.ask();
  origin = await serve("127.0.0.1");
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await world.stop();
});

function post(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Sent> {
  const body = new URLSearchParams(fields).toString();
  return send(`${origin}/approve${path}`, { headers: { Origin: origin, ...headers }, body });
}

async function logIn(headers: Record<string, string> = {}): Promise<{ Cookie: string; whole: string }> {
  const { status, headers: answered } = await post("/login", { token }, headers);
  expect(status).toBe(200);
  const whole = String(answered["set-cookie"]);
  return { Cookie: whole.split(";")[0] ?? "", whole };
}

describe("without a login", () => {
  test("the address shows nothing, and every request asks for the token", async () => {
    const { status, text } = await send(`${origin}/approve`, { method: "GET" });
    expect(status).toBe(200);
    expect(text).not.toContain("June");
    for (const path of ["/questions", "/question", "/people", "/answer", "/calls", "/live", "/stop"]) {
      const answer = await post(path, { id: asked.id, answer: "call", typed: "1042" });
      expect(answer.status).toBe(401);
      expect(answer.text).toContain("Token of this server</label>");
      expect(answer.text).not.toContain("June");
    }
    expect(world.state(asked)).toBe("waiting");
  });

  test.each(["", "wrong", `${token}x`, token.toUpperCase()])("%j is not a token", async (wrong) => {
    const { status, text, headers } = await post("/login", { token: wrong });
    expect(status).toBe(401);
    expect(text).toContain("not the token");
    expect(headers).not.toHaveProperty("set-cookie");
  });

  const tryToken = async (given = "wrong") => (await post("/login", { token: given })).status;

  test("wrong tokens slow down the next try, the right one too, for 30 seconds at most", async () => {
    for (let i = 0; i < 5; i++) expect(await tryToken()).toBe(401);
    const early = await post("/login", { token });
    expect(early).toMatchObject({ status: 429, headers: { "retry-after": "1" } });
    expect(early.text).toContain("try again in 1 second");
    expect(early.headers).not.toHaveProperty("set-cookie");
    for (const seconds of [1, 2, 4, 8, 16, 30, 30, 30]) {
      await world.clock.advance({ seconds: seconds - 0.001 });
      expect(await tryToken()).toBe(429);
      await world.clock.advance({ ms: 1 });
      expect(await tryToken()).toBe(401);
    }
    await world.clock.advance({ seconds: 30 });
    expect(await tryToken(token)).toBe(200);
    expect(await tryToken()).toBe(401);
    expect(await tryToken(token)).toBe(200);
  });

  test("whoever is logged in already is not slowed down", async () => {
    const { Cookie } = await logIn();
    for (let i = 0; i < 6; i++) await tryToken();
    expect((await post("/questions", {}, { Cookie })).status).toBe(200);
  });

  test("wrong tokens are counted, and not logged one by one", async () => {
    for (let i = 0; i < 15; i++) {
      await tryToken();
      await world.clock.advance({ ms: i < 5 ? 0 : 1 });
    }
    expect(logged).toMatchObject([{ count: 1, total: 1 }]);
    await world.clock.advance({ minutes: 1 });
    await tryToken();
    expect(logged).toMatchObject([{ total: 1 }, { count: 5, total: 6 }]);
  });

  test.each(["batch_call_session=", `batch_call_session=${"A".repeat(43)}`, "other=1"])(
    "%j is not a session",
    async (Cookie) => {
      expect((await post("/questions", {}, { Cookie })).status).toBe(401);
    },
  );

  test("the bearer token of MCP clients opens nothing here", async () => {
    expect((await post("/questions", {}, { Authorization: `Bearer ${token}` })).status).toBe(401);
  });
});

describe("after the login", () => {
  test("the session is a cookie that no script reads and no other site sends", async () => {
    const { whole } = await logIn();
    const [pair, ...attributes] = whole.split("; ");
    expect(pair).toMatch(/^batch_call_session=[\w-]{43}$/);
    expect(attributes.sort()).toEqual(["HttpOnly", "Max-Age=28800", "Path=/", "SameSite=Strict"]);
    expect(whole).not.toContain(token);
    expect((await logIn({ Origin: origin.replace("http:", "https:") })).whole).toMatch(/; Secure(;|$)/);
  });

  test("open questions are listed, and one is answered as on the one-time page", async () => {
    const { Cookie } = await logIn();
    const list = await post("/questions", {}, { Cookie });
    expect(list.text).toContain("1 question waits");
    expect(list.text).toContain("June reminders");
    const { text } = await post("/question", { id: asked.id }, { Cookie });
    expect(text).toContain("+1 *** *** 0123, first_name: Ana");
    const wrong = await post("/answer", { id: asked.id, answer: "call", typed: "1" }, { Cookie });
    expect(wrong.text).toContain("4 tries are left");
    const agreed = await post("/answer", { id: asked.id, answer: "call", typed: "1042" }, { Cookie });
    expect(agreed.text).toContain("Agreed: 1,042 people");
    expect(world.launched).toEqual(["batch_7f3a"]);
    expect(world.audit.read(9).at(-1)).toMatchObject({ kind: "approved", channel: "page", principal: "http" });
    expect((await post("/questions", {}, { Cookie })).text).toContain("Nothing waits for you");
  });

  describe("the calls that were agreed to", () => {
    const agree = async (Cookie: string, { id } = asked) =>
      (await post("/answer", { id, answer: "call", typed: "1042" }, { Cookie })).text;

    test("stand below the agreement and are stopped there, for a working day", async () => {
      const { Cookie } = await logIn();
      const agreed = await agree(Cookie);
      for (const part of ["51 of 1,042 people", "Stop the calls", 'href="/#/batch/batch_7f3a"'])
        expect(agreed).toContain(part);
      world.approvals.consume("batch_7f3a", asked.summary.fingerprint, world.clock.now());
      await world.clock.advance({ hours: 7 });
      expect((await post("/question", { id: asked.id }, { Cookie })).status).toBe(401);
      expect((await post("/live", { id: asked.id }, { Cookie })).text).toContain("51 of 1,042 people");
      const { text } = await post("/stop", { id: asked.id }, { Cookie });
      expect(text).toContain("Stopped: nobody else is called");
      expect(world.stopped).toEqual(["batch_7f3a by http"]);
      await world.clock.advance({ hours: 1 });
      expect((await post("/stop", { id: asked.id }, { Cookie })).status).toBe(401);
    });

    test("are found again after a reload: listed with how they stand, and led to with the button that stops them", async () => {
      const { Cookie } = await logIn();
      expect((await post("/questions", {}, { Cookie })).text).not.toContain("Agreed to");
      await agree(Cookie);
      world.approvals.consume("batch_7f3a", asked.summary.fingerprint, world.clock.now());
      for (const { text } of [await post("/questions", {}, { Cookie }), await post("/login", { token })]) {
        for (const part of ["Nothing waits for you", "Agreed to, and not over", "June reminders", "Running", "51 of"])
          expect(text).toContain(part);
        expect(text).toContain(`<form action="/approve/calls"><input type="hidden" name="id" value="${asked.id}">`);
      }
      const { text } = await post("/calls", { id: asked.id }, { Cookie });
      for (const part of ["51 of 1,042 people", "Stop the calls", 'href="/#/batch/batch_7f3a"'])
        expect(text).toContain(part);
    });

    test("are found again for the working day in which they can be stopped, beside the way to log in again", async () => {
      const { Cookie } = await logIn();
      await agree(Cookie);
      world.approvals.consume("batch_7f3a", asked.summary.fingerprint, world.clock.now());
      const open = world.ask({ batchId: "batch_other", name: "July invitations" });
      await world.clock.advance({ hours: 7 });
      const { status, text } = await post("/questions", {}, { Cookie });
      expect(status).toBe(401);
      expect(text).toContain("Token of this server</label>");
      expect(text).toContain("Agreed to, and not over");
      expect(text.match(/data-focus/g)).toHaveLength(1);
      expect(text).not.toContain("July invitations");
      expect((await post("/calls", { id: asked.id }, { Cookie })).text).toContain("Stop the calls");
      expect((await post("/calls", { id: open.id }, { Cookie })).text).not.toContain("July invitations");
      await world.clock.advance({ hours: 1 });
      expect((await post("/questions", {}, { Cookie })).text).not.toContain("Agreed to");
      expect((await post("/calls", { id: asked.id }, { Cookie })).status).toBe(401);
    });

    test("are listed as long as a phone may ring: paused ones, and those that cannot be read", async () => {
      const { Cookie } = await logIn();
      await agree(Cookie);
      world.approvals.consume("batch_7f3a", asked.summary.fingerprint, world.clock.now());
      const list = async () => (await post("/questions", {}, { Cookie })).text;
      world.calls.batch = { ...world.calls.batch, state: "Paused", canStop: false };
      expect(await list()).toContain("Paused");
      world.calls.error = new Error("secret path");
      expect(await list()).toContain("How it stands cannot be read at the moment");
      world.calls.error = new Problem("not_found", "There is no such batch.");
      expect(await list()).not.toContain("Agreed to");
      delete world.calls.error;
      world.calls.batch = { ...world.calls.batch, state: "Draft", isUnstarted: true };
      expect(await list()).not.toContain("Agreed to");
      world.calls.batch = { ...world.calls.batch, state: "Finished", isUnstarted: false, isOver: true };
      expect(await list()).not.toContain("Agreed to");
    });

    test("do not keep the questions waiting where the API does not answer", async () => {
      const { Cookie } = await logIn();
      await agree(Cookie);
      world.live.look = () => new Promise(() => {});
      const listed = post("/questions", {}, { Cookie });
      await waitUntil("it waits for the API", () => world.clock.nextTimerAt !== undefined);
      await world.clock.advance({ seconds: 3 });
      expect((await listed).text).toContain("How it stands cannot be read at the moment");
    });

    test("are neither shown nor stopped before somebody agreed, or after a no", async () => {
      const { Cookie } = await logIn();
      for (const path of ["/live", "/stop"]) {
        for (const id of [asked.id, "guessed", ""])
          expect((await post(path, { id }, { Cookie })).text).not.toContain("51 of");
      }
      await post("/answer", { id: asked.id, answer: "no" }, { Cookie });
      expect((await post("/stop", { id: asked.id }, { Cookie })).text).toContain("Nobody is called");
      expect(world.stopped).toEqual([]);
    });

    test("promise no stop where the API has none", async () => {
      world.calls.batch = { ...world.calls.batch, canStop: false };
      const agreed = await agree((await logIn()).Cookie);
      expect(agreed.slice(agreed.indexOf("data-part"))).not.toMatch(/stop/i);
      expect(agreed).toContain("51 of 1,042 people");
    });

    test("lead to no page that shows another account's", async () => {
      const elsewhere = world.ask({ batchId: "batch_elsewhere", fingerprint: "b".repeat(64) });
      const agreed = await agree((await logIn()).Cookie, elsewhere);
      expect(agreed).toContain("Stop the calls");
      expect(agreed).not.toContain("href=");
    });

    test.each([
      [["approve"], false],
      [["read", "approve"], true],
    ] as const)("are stopped by who has %j, and the link to the other page is there: %j", async (scopes, hasLink) => {
      const access = { kind: "scoped", scopes: new Set<Scope>(scopes) } as const;
      const caller = { principal: "boss", access, proof: { kind: "setting" } } as const;
      origin = await serve("127.0.0.1", { ...gateOf(token), identify: async () => caller });
      const { Cookie } = await logIn();
      const agreed = await agree(Cookie);
      expect(agreed.includes("href=")).toBe(hasLink);
      expect(agreed).toContain("Stop the calls");
      await post("/stop", { id: asked.id }, { Cookie });
      expect(world.stopped).toEqual(["batch_7f3a by boss"]);
    });

    test("are nothing to a token that may not agree", async () => {
      const { Cookie } = await logIn();
      await agree(Cookie);
      const access = { kind: "scoped", scopes: new Set<Scope>(["read", "operate"]) } as const;
      const caller = { principal: "ana", access, proof: { kind: "setting" } } as const;
      origin = await serve("127.0.0.1", { ...gateOf(token), identify: async () => caller });
      const entered = await post("/login", { token });
      const [ana = ""] = String(entered.headers["set-cookie"]).split(";");
      for (const path of ["/live", "/stop"])
        expect((await post(path, { id: asked.id }, { Cookie: ana })).status).toBe(403);
      expect(world.stopped).toEqual([]);
    });
  });

  test("a question that never was is named as that", async () => {
    const { Cookie } = await logIn();
    const { text } = await post("/answer", { id: "guessed", answer: "call", typed: "1042" }, { Cookie });
    expect(text).toContain("There is no such question");
  });

  test("it is over after 15 minutes", async () => {
    const { Cookie } = await logIn();
    await world.clock.advance({ minutes: 15 });
    expect((await post("/questions", {}, { Cookie })).status).toBe(401);
  });

  test.each([
    { Origin: "https://attacker.example" },
    { Origin: "http://127.0.0.1:1" },
    { Origin: "null" },
    { "Sec-Fetch-Site": "same-site" },
    { Host: "attacker.example", Origin: "http://attacker.example" },
  ])("%o is refused even with the session", async (headers: Record<string, string>) => {
    const { Cookie } = await logIn();
    const answer = { id: asked.id, answer: "call", typed: "1042" };
    expect((await post("/answer", answer, { Cookie, ...headers })).status).toBe(403);
    expect((await post("/login", { token }, headers)).status).toBe(403);
    expect(world.state(asked)).toBe("waiting");
  });
});

test("on an address that other machines reach, any name leads to it, but no other origin", async () => {
  origin = await serve("0.0.0.0");
  const named = { Host: "calls.example.org", Origin: "https://calls.example.org" };
  const { Cookie } = await logIn(named);
  expect((await post("/questions", {}, { ...named, Cookie })).text).toContain("June reminders");
  expect((await post("/questions", {}, { ...named, Cookie, Origin: "https://attacker.example" })).status).toBe(403);
});

test("what is not under /approve is not the page's", async () => {
  expect((await send(`${origin}/approvement`, { method: "GET" })).status).toBe(404);
  expect((await send(`${origin}/healthz`, { method: "GET" })).status).toBe(200);
  expect((await send(`${origin}/approve/else`, { method: "GET" })).text).toBe("There is nothing here.");
});
