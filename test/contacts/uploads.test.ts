import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openUploads, type SentList, type Uploads } from "../../src/contacts/uploads.ts";
import { Problem } from "../../src/domain/problem.ts";
import { silentLog } from "../../src/lib/log.ts";
import { TestClock } from "../support/test-clock.ts";

const text = "Phone\n+14155550123\n";
const mebibyte = 1024 * 1024;

let root: string;
let dir: string;
let clock: TestClock;
let uploads: Uploads;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "uploads-"));
  dir = join(root, "uploads");
  clock = new TestClock("2026-03-02T15:00:00Z");
  uploads = openUploads(dir, clock, silentLog);
});
afterEach(async () => {
  await uploads.close();
  await rm(root, { recursive: true, force: true });
});

async function* inPieces(...pieces: readonly (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Error) throw piece;
    yield Buffer.from(piece);
  }
}

function send(changes: Partial<SentList> = {}) {
  return uploads.keep({ name: "june.csv", owner: "http", body: inPieces(text), ...changes });
}

async function refusal(action: Promise<unknown>): Promise<Problem> {
  const outcome = await action.catch((error: unknown) => error);
  if (outcome instanceof Problem) return outcome;
  throw new Error(`expected a refusal, got ${String(outcome)}`);
}

async function filesKept(): Promise<readonly string[]> {
  return readdir(dir).catch(() => []);
}

async function read(upload: string, owner = "http"): Promise<string> {
  let whole = "";
  for await (const chunk of (await uploads.open(upload, owner)).open()) whole += Buffer.from(chunk).toString();
  return whole;
}

describe("an upload", () => {
  it("is kept for an hour under a name that nobody guesses, for its owner at this machine only", async () => {
    const kept = await send({ body: inPieces(text.slice(0, 5), text.slice(5)) });
    expect(kept).toEqual({
      upload: expect.stringMatching(/^upload:[\w-]{22}$/),
      expiresAt: new Date("2026-03-02T16:00:00Z"),
      now: new Date("2026-03-02T15:00:00Z"),
      size: text.length,
    });
    expect(await uploads.open(kept.upload, "http")).toMatchObject({
      name: `"june.csv" (${kept.upload})`,
      fileName: "june.csv",
      size: text.length,
    });
    expect(await read(kept.upload)).toBe(text);
    expect(await read(kept.upload)).toBe(text);
    for (const name of await readdir(dir)) expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  it("is read by another process too, and after a restart", async () => {
    const { upload } = await send();
    await uploads.close();
    uploads = openUploads(dir, clock, silentLog);
    expect(await read(upload)).toBe(text);
  });

  it("of another organization is as unknown as one that there never was, and says how to send one", async () => {
    const { upload } = await send();
    for (const [name, owner] of [
      [upload, "local"],
      [`upload:${"x".repeat(22)}`, "http"],
      ["upload:", "http"],
      ["upload:../../canary.csv", "http"],
    ] as const) {
      const { code, message } = await refusal(uploads.open(name, owner));
      expect([code, message]).toEqual(["not_found", expect.stringContaining(`There is no "${name}" of yours`)]);
      expect(message).toContain("curl --data-binary @list.csv");
    }
  });

  it("is refused from the minute it expires, and removed from the disk by itself", async () => {
    const first = await send();
    await clock.advance({ minutes: 30 });
    const second = await send();
    await clock.advance({ minutes: 29, seconds: 59 });
    expect(await read(first.upload)).toBe(text);
    await clock.advance({ seconds: 1 });
    expect((await refusal(uploads.open(first.upload, "http"))).code).toBe("not_found");
    expect(await read(second.upload)).toBe(text);
    expect(clock.nextTimerAt).toEqual(second.expiresAt);
    await clock.advance({ minutes: 30 });
    await uploads.close();
    expect(await filesKept()).toEqual([]);
  });

  it("that has expired is refused also where nobody has removed it yet", async () => {
    const { upload } = await send();
    await uploads.close();
    await clock.advance({ hours: 1 });
    expect(await filesKept()).toHaveLength(2);
    expect((await refusal(uploads.open(upload, "http"))).code).toBe("not_found");
  });

  it("that a process left behind is removed by the next one, halves too, and nothing else is", async () => {
    await send();
    await uploads.close();
    const past = clock.now().getTime() - 1;
    await writeFile(join(dir, `${past}-${"a".repeat(22)}.part`), "half");
    await writeFile(join(dir, "notes.txt"), "ours");
    uploads = openUploads(dir, clock, silentLog);
    await uploads.close();
    expect((await filesKept()).map((name) => name.split(".").at(-1)).toSorted()).toEqual(["list", "owner", "txt"]);
  });
});

describe("of what is not taken nothing is kept", () => {
  it.each([
    ["an empty body", { body: inPieces() }, "invalid_input", "is empty"],
    ["a body of empty pieces", { body: inPieces("", "") }, "invalid_input", "is empty"],
    ["half a body", { body: inPieces(text, new Error("aborted")) }, "invalid_input", "was cut off"],
    ["a name of another kind", { name: "june.pdf" }, "invalid_input", '"june.pdf" is not a .csv'],
    ["a name without an ending", { name: "june" }, "invalid_input", '"june" is not a .csv'],
    ["a path to no list", { name: "june.csv/.." }, "invalid_input", '".." is not a .csv'],
    ["an announced size over 64 MiB", { announcedSize: 64 * mebibyte + 1 }, "refused_by_limit", "larger than 64 MiB"],
  ])("%s", async (_what, sent, code, words) => {
    const problem = await refusal(send(sent));
    expect(problem).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(problem.message).toContain("Nothing was kept.");
    expect(await filesKept()).toEqual([]);
  });

  it("more than 64 MiB, as soon as that is seen; exactly so much is taken", async () => {
    const piece = Buffer.alloc(mebibyte, "x");
    let asked = 0;
    const endless = (async function* () {
      for (;;) {
        asked += 1;
        yield piece;
      }
    })();
    expect(await refusal(send({ body: endless }))).toMatchObject({ code: "refused_by_limit" });
    expect([asked, await filesKept()]).toEqual([65, []]);
    const most = await send({ body: inPieces(...Array.from({ length: 64 }, () => piece)) });
    expect(most.size).toBe(64 * mebibyte);
  });

  it("a 21st within an hour, also when they come at once", async () => {
    const sent = await Promise.allSettled(Array.from({ length: 22 }, () => send()));
    const refused = sent.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ code: "rate_limited" });
    expect((await refusal(send())).message).toContain("after 2026-03-02T16:00:00.000Z, when the oldest expires");
    expect((await filesKept()).filter((name) => name.endsWith(".list"))).toHaveLength(20);
    await clock.advance({ hours: 1 });
    expect((await send()).size).toBe(text.length);
  });

  it("what cannot be written, and the answer says where", async () => {
    await writeFile(dir, "a file is in the way");
    const { code, message } = await refusal(send());
    expect([code, message]).toEqual(["unavailable", expect.stringContaining("BATCH_CALL_DATA_DIR")]);
  });
});
