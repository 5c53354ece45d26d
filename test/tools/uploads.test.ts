import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numberOf, request, startWorld, type World } from "../support/world.ts";

let world: World;
let remote: World;
beforeEach(async () => {
  world = await startWorld();
  remote = world.another({ principal: "http", owner: "http" }, "http");
});
afterEach(() => world.stop());

async function upload(text: string, { owner = "http", name = "june.csv" } = {}): Promise<string> {
  const body = new Blob([text]).stream();
  return (await world.uploads.keep({ name, owner, body })).upload;
}

const of = (tasks_file: string) => request(1, { tasks: undefined, tasks_file });

describe("a list that was uploaded", () => {
  test("is read by its name wherever tasks_file is taken", async () => {
    const file = await upload(`first_name,phone\nAnn,${numberOf(1)}\nBob,\n`);
    const preview = await remote.tool("preview_batch_call", of(file));
    expect(preview).toMatchObject({ phone_column: "phone", rows: { input: 2, accepted: 1, refused: 1 } });
    const { batch, list_id } = await remote.tool("create_batch_call", of(file));
    expect(batch.counts).toMatchObject({ total: 1 });
    const more = await upload(`first_name,phone\nCem,${numberOf(2)}\n`);
    const changed = await remote.tool("change_list", { list_id, add_file: more });
    expect(changed).toMatchObject({ rows: { input: 3, accepted: 2 } });
  });

  test("names itself in errors, and what its name does not promise is said", async () => {
    const empty = await upload("Name,City\nAnn,Rome\nBob,Oslo\n");
    expect((await remote.problem("create_batch_call", of(empty))).message).toContain(`"june.csv" (${empty})`);
    const text = await upload(`phone\n${numberOf(1)}\n`, { name: "june.xlsx" });
    expect(JSON.stringify(await remote.tool("preview_batch_call", of(text)))).toContain(
      "It is text, although its name",
    );
  });

  test("of somebody else, expired or unknown is refused in words, and nothing is made", async () => {
    const mine = await upload(`phone\n${numberOf(1)}\n`);
    const theirs = await upload(`phone\n${numberOf(2)}\n`, { owner: "local" });
    const refused = async (file: string) => remote.problem("create_batch_call", of(file));
    for (const file of [theirs, "upload:x"])
      expect(await refused(file)).toMatchObject({ code: "not_found", message: expect.stringContaining("of yours") });
    await world.clock.advance({ hours: 1 });
    expect(await refused(mine)).toMatchObject({
      code: "not_found",
      message: expect.stringContaining("Nothing was created."),
    });
    expect((await remote.tool("list_batches")).batches).toEqual([]);
  });

  test("is what a path is answered with where none is read, with a command that holds no secret", async () => {
    const { code, message } = await remote.problem("create_batch_call", of("june.csv"));
    expect(code).toBe("unsupported");
    expect(message).toContain('curl --data-binary @list.csv -H "Authorization: Bearer $BATCH_CALL_HTTP_TOKEN"');
    expect(message).toContain("/uploads?name=list.csv");
  });
});
