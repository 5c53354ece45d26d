import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { BatchCallApi } from "../../src/client/api.ts";
import { Problem } from "../../src/domain/problem.ts";
import { longFile, longRequest } from "../support/campaigns/long-list.ts";
import { usNumber } from "../support/us-numbers.ts";
import { request, startWorld, type World } from "../support/world.ts";

let world: World;
/** Creates that the API answers before it refuses all others. */
let mostCreates = Number.POSITIVE_INFINITY;
beforeEach(async () => {
  mostCreates = Number.POSITIVE_INFINITY;
  world = await startWorld({ watchApi: withFewCreates });
  await world.file("long.csv", longFile(1004));
});
afterEach(() => world.stop());

function withFewCreates(api: BatchCallApi): BatchCallApi {
  return {
    ...api,
    async createDraft(...args) {
      if (mostCreates-- <= 0) throw new Problem("unavailable", "The API is away.");
      return api.createDraft(...args);
    },
  };
}

type Part = { readonly batch_id: string };

/** Linked batches of 1,000 and 4 people, and their parts. */
async function linked() {
  const { batch } = await world.tool("create_batch_call", longRequest());
  return { id: batch.batch_id, parts: batch.parts.map(({ batch_id }: Part) => batch_id) };
}

/** Of the list of the linked batches the rows 1 and 1001, and somebody who is in neither. */
const without = (batch_ids: readonly string[]) =>
  request(1, {
    name: "Other",
    tasks: [{ to_number: usNumber(0) }, { to_number: usNumber(1000) }, { to_number: usNumber(1500) }],
    exclude: { batch_ids },
  });

const issuesOf = async (batch_ids: readonly string[], tool = "create_batch_call") =>
  (await world.problem(tool, without(batch_ids))).issues.map(({ field, code, message }) => [field, code, message]);

const field = "exclude.batch_ids";

describe("linked batches that are left out", () => {
  test("are told by part, whether all of them are named or one", async () => {
    const { id, parts } = await linked();
    const told = async (ids: readonly string[]) => {
      const { issues, rows } = await world.tool("preview_batch_call", without(ids));
      return [rows.accepted, ...issues.map(({ row, message }: { row: number; message: string }) => [row, message])];
    };
    const [first, second] = parts.map(
      (part: string, n: number) => `Is left out: it is in ${part}, part ${n + 1} of ${id}.`,
    );
    expect(await told([id])).toEqual([1, [1, first], [2, second]]);
    expect(await told([parts[1]])).toEqual([2, [2, second]]);
  });

  test("that called somebody lately are told by part as well", async () => {
    const { id } = await linked();
    await world.tool("start_batch", { batch_id: id, start: "now" });
    await world.clock.advance({ hours: 2 });
    const args = { ...without([]), exclude: { called_within_days: 1 } };
    const { issues } = await world.tool("preview_batch_call", args);
    expect(issues.map(({ message }: { message: string }) => message)).toEqual(
      [1, 2].map((part) =>
        expect.stringMatching(new RegExp(`^Is left out: called \\S+ by batch_\\w+, part ${part} of ${id}\\.$`)),
      ),
    );
  });

  test("are refused where a part was deleted elsewhere: its people would be called", async () => {
    const { id, parts } = await linked();
    await world.api.deleteBatch(parts[0]);
    const said = `Of ${id} nobody knows whom part 1 (${parts[0]}) of 2 had: the API has deleted it. To leave out whom the others have: exclude {batch_ids: ["${parts[1]}"]}.`;
    expect(await issuesOf([id])).toEqual([[field, "unknown_batch", said]]);
    expect(await issuesOf([parts[0]])).toEqual([
      [field, "unknown_batch", expect.stringContaining(`${parts[0]}, part 1 of ${id}, no longer exists`)],
    ]);
    expect((await world.tool("preview_batch_call", without([parts[1]]))).rows).toMatchObject({
      accepted: 2,
      excluded: 1,
    });
    await world.api.deleteBatch(parts[1]);
    const [[, , message]] = (await issuesOf([id])) as [[string, string, string]];
    expect(message).toContain(`part 1 (${parts[0]}), part 2 (${parts[1]}) of 2`);
    expect(message).toContain("Call again without it");
  });

  test("are refused while they are half made, with what makes them whole; not when they are cancelled", async () => {
    mostCreates = 1;
    const refused = await world.problem("create_batch_call", longRequest());
    const [id = ""] = /group_[0-9a-f]+/.exec(refused.message) ?? [];
    mostCreates = Number.POSITIVE_INFINITY;
    const said = `${id} is half made: part 2 of 2 is missing, so the API does not know whom it is to call. Repeat its create_batch_call, which makes it, or end it: cancel_batch {batch_id: "${id}"}. Then make this call again.`;
    expect(await issuesOf([id])).toEqual([[field, "half_made", said]]);
    await world.tool("cancel_batch", { batch_id: id });
    expect((await world.tool("preview_batch_call", without([id]))).rows).toMatchObject({ accepted: 2, excluded: 1 });
  });
});

describe("what is no batch", () => {
  test("is told entry by entry, with what it is instead", async () => {
    const first = await world.tool("create_batch_call", request(2, { name: "May" }));
    const ids = ["batch_none", "group_none", first["list_id"], "may", first["batch"].batch_id];
    const problem = await world.problem("create_batch_call", without(ids));
    expect(problem.message).toBe("4 things are wrong with the arguments. Nothing was created.");
    const batchIds = `exclude {batch_ids: ["${first["batch"].batch_id}"]}`;
    expect(problem.issues.map(({ message }) => message).toSorted()).toEqual([
      expect.stringContaining(
        `"may" is the name of ${first["batch"].batch_id} (draft); batches are excluded by their ids. Write ${batchIds}.`,
      ),
      expect.stringContaining(
        'There is no batch "batch_none" (any more), so nobody knows whom it had. Take ids from list_batches.',
      ),
      expect.stringContaining('There is no group "group_none" here: groups are known where they were made'),
      expect.stringContaining(
        `${first["list_id"]} is a list, and exclude takes batches. To leave out whom the batch made of it has: ${batchIds}.`,
      ),
    ]);
  });

  test("is told by tools that change something in their own words", async () => {
    const earlier = await world.tool("create_batch_call", request(2, { name: "May" }));
    const { list_id } = await world.tool("preview_batch_call", without([earlier["batch"].batch_id]));
    await world.api.deleteBatch(earlier["batch"].batch_id);
    const refused = await world.problem("change_list", { list_id, leave_out: [1] });
    expect(refused.message).toMatch(/Nothing was changed\.$/);
    expect(refused.issues).toMatchObject([
      {
        field,
        message: expect.stringContaining("a list that was made with it is made again, without it, of its own source"),
      },
    ]);
  });
});
