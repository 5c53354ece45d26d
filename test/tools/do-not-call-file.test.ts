import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Problem } from "../../src/domain/problem.ts";
import { usNumber } from "../support/us-numbers.ts";
import { rowsXml, workbookOf } from "../support/workbook.ts";
import { request, startWorld, type World, type WorldSetup } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

async function another(setup: WorldSetup): Promise<World> {
  await world.stop();
  world = await startWorld(setup);
  return world;
}

const addFile = (changes: object = {}) =>
  world.tool("update_do_not_call_list", { action: "add", numbers_file: "dnc.csv", ...changes });
const refusedFile = (changes: object = {}) =>
  world.problem("update_do_not_call_list", { action: "add", numbers_file: "dnc.csv", ...changes });

async function listed(): Promise<readonly string[]> {
  const { listed: rows } = await world.tool("check_do_not_call", { limit: 100 });
  return rows.map(({ number }: { number: string }) => number).toSorted();
}

describe("a file of people who asked not to be called", () => {
  test("gives all numbers of each person, and names every cell that gives none", async () => {
    await world.file(
      "dnc.csv",
      [
        "Name,Mobile,Home,Fax",
        "Ann,+1 201 555 0101,(202) 555-0102,+12035550109",
        "Bob,+12015550103 or +12015550104,,",
        "Cat,555-0100,+12015550105,",
        "Dan,+12015550106; 5550199,,",
        "Eve,,,",
        "Fay,unknown,,",
      ].join("\n"),
    );
    const answer = await addFile({ default_country: "us" });
    expect(answer).toMatchObject({
      numbers: [],
      added: 6,
      removed: 0,
      total: 6,
      rows: { input: 6, listed: 4, partly: 2, refused: 2 },
      notes: ['"Mobile", "Home" have the numbers.'],
    });
    expect(answer.refused).toMatchObject([
      { row: 4, field: "Mobile", code: "too_short", message: expect.stringContaining("555-0100") },
      { row: 5, field: "Mobile", message: expect.stringContaining('"5550199"') },
      { row: 6, field: "Mobile", code: "empty" },
      { row: 7, field: "Mobile", code: "letters" },
    ]);
    expect(await listed()).toEqual([
      "+12015550101",
      "+12015550103",
      "+12015550104",
      "+12015550105",
      "+12015550106",
      "+12025550102",
    ]);
    expect(await world.text("update_do_not_call_list", { action: "add", numbers_file: "dnc.csv" })).toContain(
      "row 7, Mobile:",
    );
  });

  test("repeated adds nothing and changes nothing", async () => {
    await world.file("dnc.csv", "Phone\n+12015550101\n+12015550102\n+12015550101\n");
    expect(await addFile()).toMatchObject({ added: 2, rows: { input: 3, listed: 3 } });
    expect(await addFile({ reason: "again" })).toMatchObject({ added: 0, total: 2 });
  });

  test("may be a workbook with titles above its header, and whoever is in it is left out of a list", async () => {
    const rows = [
      ["Do-not-call register of the branch"],
      [],
      ["Customer", "Phone no."],
      ["Ann", "(201) 555-0101"],
      ["Bob", 12015550102],
      ["Cat", "+1 201 555 0103"],
    ];
    await world.file("people.csv", "");
    await writeFile(join(world.filesDir, "dnc.xlsx"), workbookOf({ sheets: [{ name: "S", data: rowsXml(rows) }] }));
    const answer = await addFile({ numbers_file: "dnc.xlsx", default_country: "US" });
    expect(answer).toMatchObject({ added: 3, rows: { input: 3, listed: 3, refused: 0 } });
    expect(answer.notes).toContain("The header is row 3; what stands above it is no row of the list.");
    const numbers = [1, 2, 3, 4].map((n) => ({ to_number: `+1201555010${n}`, dynamic_variables: { first_name: "A" } }));
    expect(await world.tool("create_batch_call", request(0, { tasks: numbers }))).toMatchObject({
      rows: { input: 4, accepted: 1, suppressed: 3 },
    });
  });

  test("tells of each row why, who asked and when, and the arguments tell it of the others", async () => {
    await world.file(
      "dnc.csv",
      "phone_number,Reason,requested_by,Asked on\n+12015550101,moved away,his wife,2026-02-01 09:30 CET\n+12015550102,,,\n",
    );
    const columns = { requested_at: "asked on" };
    const answer = await addFile({ columns, reason: "register", requested_by: "the branch" });
    expect(answer.notes).toEqual([
      '"phone_number" has the numbers.',
      '"Reason" is reason.',
      '"requested_by" is requested_by.',
    ]);
    const numbers = ["+12015550101", "+12015550102"];
    expect((await world.tool("check_do_not_call", { numbers })).listed).toMatchObject([
      { reason: "moved away", requested_by: "his wife", requested_at: "2026-02-01 09:30 CET", added_by: "tool: local" },
      { reason: "register", requested_by: "the branch" },
    ]);
  });

  test("with digits that may carry their own country code lists both that they can mean", async () => {
    const carrying = Array.from({ length: 30 }, (_, n) => `44207946${String(100 + n).padStart(4, "0")}`);
    await world.file("dnc.csv", ["Mobile", ...carrying, "12015550101"].join("\n"));
    await addFile({ default_country: "GB" });
    const numbers = await listed();
    for (const digits of carrying) expect(numbers).toContain(`+${digits}`);
    expect(numbers).toContain("+12015550101");
  });

  test("counts every column of the person's own numbers, whatever it is called", async () => {
    await world.file(
      "dnc.csv",
      [
        "Name,Mobile,Landline,Second line,Emergency contact,Customer,Visit",
        "Ann,(201) 555-0101,2025550102,(203) 555-0103,(205) 555-0109,2065550108,2026-03-04",
        "Bob,(201) 555-0111,,(203) 555-0113,,2065550118,2026-03-05",
      ].join("\n"),
    );
    const answer = await addFile({ default_country: "US" });
    expect(answer.notes).toContain('"Mobile", "Landline", "Second line" have the numbers.');
    expect(await listed()).toEqual(["+12015550101", "+12015550111", "+12025550102", "+12035550103", "+12035550113"]);
  });

  test("that cannot be opened changes nothing, and the answer says so", async () => {
    expect((await refusedFile()).message).toContain("Nothing was changed.");
  });

  test("is read by the country beside each number; a number that contradicts it is listed as it is written", async () => {
    await world.file(
      "dnc.csv",
      "Tel,Country\n020 7946 0123,GB\n+12015550101,Germany\n+12015550102,Atlantis\n201 555 0103,X\n",
    );
    const answer = await addFile({ default_country: "US" });
    expect(answer).toMatchObject({ added: 3, rows: { listed: 3, refused: 1 } });
    expect(answer.refused).toMatchObject([{ row: 5, field: "Country", code: "unknown_country" }]);
    expect(await listed()).toEqual(["+12015550101", "+12015550102", "+442079460123"]);
  });

  test("of any length is added in blocks, with news of how far it is", async () => {
    const told: [number, string][] = [];
    const progress = (done: number, message: string) => told.push([done, message]);
    await another({ context: { progress } });
    const rows = Array.from({ length: 12_000 }, (_, n) => usNumber(n % 2_500));
    await world.file("dnc.csv", ["Phone", ...rows, ...Array.from({ length: 60 }, () => "12")].join("\n"));
    const answer = await addFile();
    expect(answer).toMatchObject({ added: 2_500, total: 2_500, rows: { input: 12_060, listed: 12_000, refused: 60 } });
    expect(answer.refused).toMatchObject([{ row: 12_002, rows: 60, first_rows: expect.arrayContaining([12_002]) }]);
    // Read, then listed; a client is told numbers that grow over both (progress-parts.test.ts).
    expect(told.map(([done]) => done)).toEqual([5_040, 10_082, 5_000, 10_000]);
    expect(told.at(-1)?.[1]).toMatch(/of 12,060 rows are on the do-not-call list/);
  });

  test("that breaks off in the middle says how far it came, and the same call does the rest", async () => {
    let calls = 0;
    await another({
      watchApi: (api) => ({
        ...api,
        addDoNotCall: async (entries) => {
          calls++;
          if (calls === 3) throw new Problem("unavailable", "The API is away. Nothing was sent. Try again later.");
          return api.addDoNotCall(entries);
        },
      }),
    });
    const rows = Array.from({ length: 2_600 }, (_, n) => usNumber(n));
    await world.file("dnc.csv", ["Phone", ...rows].join("\n"));
    const problem = await refusedFile();
    expect(problem.code).toBe("unavailable");
    expect(problem.message).toMatch(
      /^The API is away\. The first 2,000 rows of "dnc\.csv" .* are on the do-not-call list \(2,000 numbers were new\), what comes after is not yet\. Make the same call again/,
    );
    expect((await world.tool("check_do_not_call")).total).toBe(2_000);
    expect(await addFile()).toMatchObject({ added: 600, total: 2_600 });
  });
});

describe("a file is refused", () => {
  test.each<[string, string, object, string, string]>([
    ["without a phone column", "Name,Order\nAnn,7\n", {}, "", "has no column of phone numbers"],
    ["without rows", "Phone\n", {}, "", "Nothing was changed"],
    ["with its area codes apart", "Area code,Phone\n201,5550101\n202,5550102\n", {}, "", "two parts"],
    ["with nobody's numbers only", "Phone\n12\n", {}, "Phone", "no country"],
    ["beside numbers", "Phone\n+12015550101\n", { numbers: ["+12015550101"] }, "numbers_file", "one of numbers"],
    ["for removing", "Phone\n+12015550101\n", { action: "remove" }, "numbers_file", "called again"],
    [
      "with a column it has no use for",
      "Phone\n+12015550101\n",
      { columns: { name: "Phone" } },
      "columns.name",
      "reason",
    ],
    [
      "in a country that is none",
      "Phone\n+12015550101\n",
      { default_country: "Nowhere" },
      "default_country",
      "two letters",
    ],
  ])("%s, and nothing is changed", async (_what, text, changes, field, said) => {
    await world.file("dnc.csv", text);
    const problem = await refusedFile(changes);
    expect(problem.code).toBe("invalid_input");
    expect([problem.message, ...problem.issues.map(({ message }) => message)].join(" ")).toContain(said);
    expect(problem.message).toContain("Nothing was changed.");
    if (field !== "") expect(problem.issues).toMatchObject([{ field }]);
    expect((await world.tool("check_do_not_call")).total).toBe(0);
  });

  test("where columns stand without one, and where neither is given", async () => {
    const add = { action: "add", numbers: ["+12015550101"], columns: { reason: "Why" } };
    expect((await world.problem("update_do_not_call_list", add)).issues).toMatchObject([{ field: "columns" }]);
    expect((await world.problem("update_do_not_call_list", { action: "add" })).issues).toMatchObject([
      { field: "numbers", code: "required" },
    ]);
  });

  test("over HTTP, where there are none", async () => {
    const remote = world.another({}, "http");
    const problem = await remote.problem("update_do_not_call_list", { action: "add", numbers_file: "dnc.csv" });
    expect(problem.code).toBe("unsupported");
    expect(problem.message).toContain("Nothing was changed. Over HTTP a file is sent to /uploads");
    expect(problem.message).toContain("Or give the numbers in numbers.");
  });
});
