import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ApprovalRequest } from "../../src/campaigns/approve/approval.ts";
import { type PageWorld, send, sendFromPage, startPageWorld } from "./page-world.ts";

const right = { answer: "call", typed: "1042" };

let world: PageWorld;
let asked: ApprovalRequest;
let link: string;
beforeEach(async () => {
  world = await startPageWorld();
  asked = world.ask();
  link = world.page.urlFor(asked);
});
afterEach(() => world.stop());

describe("the bare address", () => {
  test("shows nothing of the question", async () => {
    const { status, text } = await send(new URL(link).origin, { method: "GET" });
    expect(status).toBe(200);
    for (const word of ["June", "1042", "1,042", asked.id, new URL(link).hash.slice(1)])
      expect(text).not.toContain(word);
  });

  test("is kept by nobody, framed by nobody, and loads nothing", async () => {
    const { headers, text } = await send(new URL(link).origin, { method: "GET" });
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    const policy = String(headers["content-security-policy"]).split("; ");
    for (const rule of ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'"])
      expect(policy).toContain(rule);
    for (const tag of ["script", "style"]) {
      const inside = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? "";
      const hash = createHash("sha256").update(inside).digest("base64");
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
    expect(text).not.toMatch(/https?:|src=|@import|url\(/);
  });
});

describe("the link", () => {
  test("is on loopback and carries 256 bits that are not the id, in the fragment", () => {
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}$/);
    expect(link).not.toContain(asked.id);
    expect(world.page.urlFor(asked)).not.toBe(link);
  });

  test("shows the question with all that a person judges it by", async () => {
    const { status, text, headers } = await sendFromPage(link, "/question");
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    for (const fact of [
      "Call 1,042 people?",
      "June reminders",
      "Reminder agent",
      "+14155550100",
      "Tuesday 3 March 2026, 13:00 in America/New_York",
      "Tuesday 3 March 2026, 18:00 UTC",
      "United States: 1,000",
      "Canada: 42",
      "08:00 to 21:00",
      "+1 *** *** 0123, first_name: Ana",
      "Up to 3 attempts each",
      "ends in 15 minutes",
    ])
      expect(text).toContain(fact);
  });

  test("escapes and strips what comes from outside", async () => {
    const hostile = world.ask({
      batchId: "batch_hostile",
      name: `<img src=x onerror=alert(1)>"'&\u202eevil\u0007`,
      samples: ["</dl><script>alert(1)</script>"],
    });
    const { text } = await sendFromPage(world.page.urlFor(hostile), "/question");
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;&#39;&#39;&amp;evil&quot;<");
    expect(text).not.toContain("<script");
    expect(text).not.toContain("<img");
  });
});

describe("a batch that is asked about again", () => {
  test("is shown by the page that is open, and an answer counts for the question that was read", async () => {
    const again = world.ask({ fingerprint: "b".repeat(64), recipients: 7 });
    const late = await sendFromPage(link, "/answer", { id: asked.id, ...right });
    expect(late.text).toContain("asked about again");
    expect(late.text).toContain("Show the newer question");
    expect(world.launched).toEqual([]);
    expect((await sendFromPage(link, "/question")).text).toContain("Call 7 people?");
    await sendFromPage(link, "/answer", { id: again.id, answer: "call", typed: "7" });
    expect(world.state(again)).toBe("approved");
  });

  test("is not one that another batch's page answers", async () => {
    const other = world.ask({ batchId: "batch_other" });
    await sendFromPage(link, "/answer", { id: other.id, ...right });
    expect(world.state(other)).toBe("waiting");
  });
});

describe("wrong secrets", () => {
  test("are counted, and not logged one by one", async () => {
    for (let i = 0; i < 25; i++) await sendFromPage(link, "/question", {}, { "X-Approval-Secret": "A".repeat(43) });
    expect(world.logged).toMatchObject([
      { count: 1, total: 1 },
      { count: 9, total: 10 },
    ]);
    await world.clock.advance({ minutes: 1 });
    await sendFromPage(link, "/question", {}, { "X-Approval-Secret": "A".repeat(43) });
    expect(world.logged.at(-1)).toMatchObject({ count: 16, total: 26 });
  });
});

describe("an answer", () => {
  test("with the right count agrees, launches once and says what comes next", async () => {
    const { status, text } = await sendFromPage(link, "/answer", right);
    expect(status).toBe(200);
    expect(text).toContain("Agreed: 1,042 people");
    expect(text).toContain("The calls start on Tuesday 3 March 2026, 13:00");
    expect(world.state(asked)).toBe("approved");
    expect(world.launched).toEqual(["batch_7f3a"]);
    expect(world.audit.read(9).at(-1)).toMatchObject({ kind: "approved", channel: "page", principal: "ana" });
  });

  test("of no calls nobody", async () => {
    const { text } = await sendFromPage(link, "/answer", { answer: "no", typed: "" });
    expect(text).toContain("Nobody is called");
    expect(world.state(asked)).toBe("declined");
    expect(world.launched).toEqual([]);
  });

  test("that is sent again changes nothing and says so", async () => {
    await sendFromPage(link, "/answer", right);
    const again = await sendFromPage(link, "/answer", right);
    expect(again.text).toContain("It was answered before");
    const no = await sendFromPage(link, "/answer", { answer: "no" });
    expect(no.text).toContain("It was answered before");
    expect(world.state(asked)).toBe("approved");
    expect(world.launched).toHaveLength(1);
  });

  test("through a second link to the same question counts as sent again", async () => {
    const second = world.page.urlFor(asked);
    await sendFromPage(link, "/answer", { answer: "no" });
    expect((await sendFromPage(second, "/answer", right)).text).toContain("It was answered before");
    expect(world.launched).toEqual([]);
  });

  test("is taken once when 20 come at the same moment", async () => {
    await Promise.all(Array.from({ length: 20 }, () => sendFromPage(link, "/answer", right)));
    expect(world.launched).toHaveLength(1);
  });

  test("with a wrong count says how many tries are left, and the fifth ends the question", async () => {
    for (const left of ["4 tries are", "3 tries are", "2 tries are", "1 try is"]) {
      const { text } = await sendFromPage(link, "/answer", { answer: "call", typed: "12" });
      expect(text).toContain(`That is not the number of recipients. Look at the list again; ${left} left.`);
    }
    expect((await sendFromPage(link, "/answer", { answer: "call", typed: "12" })).text).toContain("withdrawn");
    expect((await sendFromPage(link, "/answer", right)).text).toContain("withdrawn");
    expect(world.launched).toEqual([]);
  });

  test.each(["", "many", "1042.5", "-1042"])("that types %j is asked for digits and costs no try", async (typed) => {
    const { text } = await sendFromPage(link, "/answer", { answer: "call", typed });
    expect(text).toContain("in digits");
    expect(world.approvals.get(asked.id, world.clock.now())).toMatchObject({ state: "waiting", triesLeft: 5 });
  });

  test("that is neither yes nor no shows the question again", async () => {
    expect((await sendFromPage(link, "/answer", { typed: "1042" })).text).toContain("Call 1,042 people?");
    expect(world.state(asked)).toBe("waiting");
  });

  test("after 15 minutes is too late and says so", async () => {
    await world.clock.advance({ minutes: 15 });
    expect((await sendFromPage(link, "/answer", right)).text).toContain("too old");
    expect(world.launched).toEqual([]);
  });

  test("about a batch that was edited says so", async () => {
    world.approvals.voidFor("batch_7f3a", "The batch was edited.", { principal: "local" }, world.clock.now());
    const { text } = await sendFromPage(link, "/answer", right);
    expect(text).toContain("The batch was edited. Nobody is called because of it.");
    expect(world.launched).toEqual([]);
  });

  test("leaves the list on no page that is opened afterwards", async () => {
    await sendFromPage(link, "/answer", right);
    const { text } = await sendFromPage(link, "/question");
    expect(text).toContain("Agreed: 1,042 people");
    expect(text).not.toContain("*** 0123");
  });
});

describe("a request that is not the page's own", () => {
  const attempts: [what: string, headers: Record<string, string>][] = [
    ["another origin", { Origin: "https://attacker.example" }],
    ["another port of this machine", { Origin: "http://127.0.0.1:1" }],
    ["the name localhost", { Origin: "http://localhost" }],
    ["an opaque origin", { Origin: "null" }],
    ["another site, as the browser says", { "Sec-Fetch-Site": "cross-site" }],
    ["another port, as the browser says", { "Sec-Fetch-Site": "same-site" }],
    ["a name that was bound again", { Host: "attacker.example" }],
    [
      "a name that was bound again, with its own origin",
      { Host: "attacker.example", Origin: "http://attacker.example" },
    ],
    ["localhost", { Host: "localhost" }],
    ["another port in Host", { Host: "127.0.0.1:1" }],
    ["no secret", { "X-Approval-Secret": "" }],
    ["a guessed secret", { "X-Approval-Secret": "A".repeat(43) }],
  ];

  test.each(attempts)("is refused: %s", async (_what, headers) => {
    for (const path of ["/question", "/answer"]) {
      const { status, text } = await sendFromPage(link, path, right, headers);
      expect(status).toBe(403);
      expect(text).not.toContain("June");
    }
    expect(world.state(asked)).toBe("waiting");
    expect(world.launched).toEqual([]);
  });

  test("is refused: no Origin, as from a program, even with the secret", async () => {
    const { origin, hash } = new URL(link);
    const headers = { "X-Approval-Secret": hash.slice(1) };
    const { status } = await send(`${origin}/answer`, { headers, body: new URLSearchParams(right).toString() });
    expect(status).toBe(403);
    expect(world.state(asked)).toBe("waiting");
  });

  test("is refused: the request's id in place of the secret", async () => {
    expect((await sendFromPage(link, "/answer", right, { "X-Approval-Secret": asked.id })).status).toBe(403);
  });

  test("is refused: the secret of another question opens only that", async () => {
    const other = world.ask({ batchId: "batch_other", recipients: 2 });
    await sendFromPage(world.page.urlFor(other), "/answer", { answer: "call", typed: "2" });
    expect(world.launched).toEqual(["batch_other"]);
    expect(world.state(asked)).toBe("waiting");
  });

  test.each(["GET", "PUT", "OPTIONS", "DELETE"])("is refused: %s", async (method) => {
    const { origin, hash } = new URL(link);
    const headers = { Origin: origin, "X-Approval-Secret": hash.slice(1) };
    const { status, headers: answered } = await send(`${origin}/answer`, { method, headers });
    expect(status).toBe(404);
    expect(answered).not.toHaveProperty("access-control-allow-origin");
  });

  test("is taken without an announced length", async () => {
    const { origin, hash } = new URL(link);
    const headers = { Origin: origin, "X-Approval-Secret": hash.slice(1), "Transfer-Encoding": "chunked" };
    await send(`${origin}/answer`, { headers, body: new URLSearchParams(right).toString() });
    expect(world.launched).toEqual(["batch_7f3a"]);
  });

  test("is refused: a body of a megabyte", async () => {
    expect((await sendFromPage(link, "/answer", { ...right, more: "x".repeat(1_000_000) })).status).toBe(413);
  });
});

test("a link is forgotten twelve hours after its question ended", async () => {
  await world.clock.advance({ minutes: 12 * 60 + 14 });
  expect((await sendFromPage(link, "/question")).status).toBe(200);
  await world.clock.advance({ minutes: 1 });
  expect((await sendFromPage(link, "/question")).status).toBe(403);
});

test("a launch that goes wrong does not take the page with it", async () => {
  world.launched.push = () => {
    throw new Error("no upstream");
  };
  expect((await sendFromPage(link, "/answer", right)).status).toBe(200);
  expect((await sendFromPage(link, "/question")).status).toBe(200);
});
