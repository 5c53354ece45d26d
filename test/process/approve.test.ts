import { mkdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApprovalStore } from "../../src/campaigns/approve/approval-store.ts";
import { createAudit } from "../../src/campaigns/records/audit.ts";
import { openCampaignDatabase } from "../../src/campaigns/records/database.ts";
import type { DatabaseSync } from "../../src/lib/sqlite.ts";
import { summaryOf } from "../support/campaigns/approval-summary.ts";
import { hasTerminal, onTerminal } from "../support/process/pty.ts";
import { builtProgram, createHome, type Home, type RunningProgram, run } from "../support/process/spawn.ts";

let home: Home;
let database: DatabaseSync;
beforeEach(async () => {
  home = await createHome();
  await mkdir(home.dataDir);
  database = openCampaignDatabase(join(home.dataDir, "ledger.sqlite"));
});
afterEach(async () => {
  database.close();
  await home.remove();
});

/** Asks as a server does that waits in another process: the database stays open meanwhile. */
function ask(changes: Parameters<typeof summaryOf>[0] = {}) {
  return approvals().ask(summaryOf(changes), { principal: "local" }, new Date());
}

const approvals = () => createApprovalStore(database);
const stateOf = ({ id }: { id: string }) => approvals().get(id, new Date())?.state;

async function approve(...args: string[]): Promise<RunningProgram> {
  return run(onTerminal(await builtProgram(home, ["approve", ...args])));
}

function type(program: RunningProgram, text: string): void {
  program.process.stdin?.write(`${text}\n`);
}

describe("approve without a terminal", () => {
  it.each([
    ["a pipe with the answer", "1042\n"],
    ["an empty pipe", ""],
  ])("takes no answer: %s", async (_what, typed) => {
    const asked = ask();
    const program = run(await builtProgram(home, ["approve", "batch_7f3a"]));
    program.process.stdin?.end(typed);
    expect(await program.exited).toBe(1);
    expect(program.stderr()).toContain("needs a terminal");
    expect(program.stderr()).not.toContain("    at ");
    expect(stateOf(asked)).toBe("waiting");
  });
});

describe.skipIf(!hasTerminal)("approve at a terminal", () => {
  const prompt = /Type the number of recipients to agree/;

  it("shows the whole summary, and agrees when the number is typed", async () => {
    const asked = ask();
    const program = await approve("batch_7f3a");
    await program.answered(prompt);
    for (const fact of ["Call 1,042 people?", "June reminders", "Reminder agent", "+1 *** *** 0123", "18:00 UTC"])
      expect(program.stdout()).toContain(fact);
    type(program, "1042");
    await program.answered(/Agreed: 1,042 people/);
    expect(await program.exited).toBe(0);
    expect(stateOf(asked)).toBe("approved");
    expect(createAudit(database).read(9).at(-1)).toMatchObject({
      kind: "approved",
      channel: "terminal",
      principal: userInfo().username,
    });
    expect(approvals().consume("batch_7f3a", asked.summary.fingerprint, new Date())).toBeDefined();
  });

  it("asks again after what is not a number and after a wrong one, and takes a no", async () => {
    const asked = ask();
    const program = await approve();
    await program.answered(prompt);
    type(program, "yes");
    await program.answered(/in digits/);
    type(program, "7");
    await program.answered(/4 tries are left/);
    type(program, "no");
    await program.answered(/Nobody is called/);
    expect(await program.exited).toBe(1);
    expect(stateOf(asked)).toBe("declined");
  });

  it.each([
    ["an empty line", "\n"],
    ["the end of the input", "\u0004"],
    ["Ctrl-C", "\u0003"],
  ])("leaves the question open after %s", async (_what, keys) => {
    const asked = ask();
    const program = await approve();
    await program.answered(prompt);
    program.process.stdin?.write(keys);
    await program.answered(/Nothing was agreed/);
    expect(await program.exited).toBe(1);
    expect(stateOf(asked)).toBe("waiting");
  });

  it("lists several questions and takes the one that is chosen", async () => {
    const first = ask();
    const second = ask({ batchId: "batch_other", name: "Second list", recipients: 2 });
    const program = await approve();
    await program.answered(/Which one\? \(1-2\)/);
    expect(program.stdout()).toMatch(/1 {2}.*\r\n2 {2}/);
    const chosen = /(\d) {2}Second list \(batch_other\), 2 people/.exec(program.stdout())?.[1] ?? "";
    type(program, chosen);
    await program.answered(prompt);
    type(program, "2");
    expect(await program.exited).toBe(0);
    expect([stateOf(first), stateOf(second)]).toEqual(["waiting", "approved"]);
  });

  it("chooses none when something else is typed", async () => {
    const first = ask();
    const second = ask({ batchId: "batch_other" });
    const program = await approve();
    await program.answered(/Which one/);
    type(program, "3");
    await program.answered(/None was chosen/);
    expect(await program.exited).toBe(1);
    expect([stateOf(first), stateOf(second)]).toEqual(["waiting", "waiting"]);
  });

  it("says that nothing waits about another batch", async () => {
    ask();
    const program = await approve("batch_none");
    await program.answered(/No question about batch_none waits/);
    expect(await program.exited).toBe(1);
  });

  it("shows a hostile name without what would steer the terminal", async () => {
    ask({ name: "June\u001b[2J\u001b]0;owned\u0007\u202e reminders\nNothing rings" });
    const program = await approve();
    await program.answered(prompt);
    expect(program.stdout()).toContain("June reminders Nothing rings");
    expect(program.stdout()).not.toContain("\u001b");
    type(program, "");
    await program.exited;
  });
});

describe("audit", () => {
  async function audit(...args: string[]): Promise<string> {
    const program = run(await builtProgram(home, ["audit", ...args]));
    expect(await program.exited).toBe(0);
    return program.stdout();
  }

  it("prints the record, newest last", async () => {
    expect(await audit()).toContain("Nothing was asked");
    const { id } = ask();
    approvals().approve(id, 3, { channel: "form", principal: "local", client: "Some Client" }, new Date());
    const [asked = "", wrong = "", ...more] = (await audit()).trim().split("\n");
    expect(asked).toMatch(
      /^\d{4}-\d\d-\d\dT\S+Z {2}asked {2}local {2}batch_7f3a {2}1,042 recipients {2}fingerprint a{12}$/,
    );
    expect(wrong).toMatch(/Z {2}wrong_count {2}local \(form, Some Client\) .* 3 was typed$/);
    expect(more).toEqual([]);
  });

  it("prints it as JSON, a line each", async () => {
    ask();
    const lines = (await audit("--json")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ kind: "asked", batchId: "batch_7f3a" }]);
  });
});

describe("the page of the HTTP server", () => {
  const token = "correct-horse-battery-staple";

  async function serve(settings: Record<string, string>): Promise<{ program: RunningProgram; origin: string }> {
    const program = run(await builtProgram(home, ["http"], { BATCH_CALL_HTTP_PORT: "0", ...settings }));
    const [, origin = ""] = await program.answered(/MCP at (http:\/\/[^/]+)\/mcp/);
    return { program, origin };
  }

  it("lists what waits to whoever logs in with the token", async () => {
    ask();
    const { program, origin } = await serve({ BATCH_CALL_HTTP_TOKEN: token });
    expect(program.stdout()).toContain(`approvals at ${origin}/approve`);
    expect(program.stdout() + program.stderr()).not.toContain(token);
    const logIn = (given: string) =>
      fetch(`${origin}/approve/login`, {
        method: "POST",
        headers: { Origin: origin },
        body: new URLSearchParams({ token: given }),
      });
    expect((await logIn("wrong")).status).toBe(401);
    expect(await (await logIn(token)).text()).toContain("June reminders");
    await program.stop();
  });

  it("is not there without a token", async () => {
    const { program, origin } = await serve({});
    expect((await fetch(`${origin}/approve`)).status).toBe(404);
    await program.stop();
  });
});
