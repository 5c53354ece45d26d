import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadAccount } from "../../../src/service/accounts/account-file.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "batch-call-account-"));
  path = join(directory, "account.json");
});
afterEach(() => rm(directory, { recursive: true }));

test("agents and caller ids come from the file; what can be left out has a default", async () => {
  const full = { agent_id: "agent_1", agent_name: "Reminders", language: "en-GB", variables: ["first_name"] };
  const numbers = [{ phone_number: "+14155550100", nickname: "Main line" }, { phone_number: "+442079460018" }];
  const agents = [full, { agent_id: "agent_2", agent_name: "Survey" }];
  await writeFile(path, JSON.stringify({ agents, phone_numbers: numbers, note: "ours" }));
  expect(await loadAccount(path)).toEqual({
    agents: [
      {
        agentId: "agent_1",
        name: "Reminders",
        language: "en-GB",
        variables: ["first_name"],
        createdAt: expect.any(Date),
      },
      { agentId: "agent_2", name: "Survey", language: "en-US", variables: [], createdAt: expect.any(Date) },
    ],
    phoneNumbers: [
      { phoneNumber: "+14155550100", nickname: "Main line" },
      { phoneNumber: "+442079460018", nickname: "" },
    ],
  });
});

test("a missing file is an error that names it and shows how to write it, in a form that is accepted", async () => {
  const failure = await loadAccount(path).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "unavailable", message: expect.stringContaining(path) });
  const [shown = ""] = /\{"agents".*\}/.exec(String(failure)) ?? [];
  await writeFile(path, shown);
  expect((await loadAccount(path)).agents).toHaveLength(1);
});

test.each([
  ["{", "not valid JSON"],
  ["[]", "body"],
  ["{}", "agents"],
  [JSON.stringify({ agents: [], phone_numbers: [{ phone_number: "+14155550100" }] }), "agents"],
  [JSON.stringify({ agents: [{ agent_id: "a", agent_name: "A" }], phone_numbers: [] }), "phone_numbers"],
  [
    JSON.stringify({ agents: [{ agent_id: "a", agent_name: "A" }], phone_numbers: [{ phone_number: "555 0100" }] }),
    "phone_numbers[0].phone_number",
  ],
])("%s is refused with the place of what is wrong", async (text, place) => {
  await writeFile(path, text);
  await expect(loadAccount(path)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining(place),
  });
});
