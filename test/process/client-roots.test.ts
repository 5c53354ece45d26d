import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connectStdio, type NameRoots, type TestClient } from "../support/mcp-clients.ts";
import { builtProgram, createHome, type Home } from "../support/process/spawn.ts";

let home: Home;
let project: string;
let client: TestClient | undefined;
beforeEach(async () => {
  home = await createHome();
  project = join(home.path, "project");
  await mkdir(project);
  await mkdir(home.filesDir);
  await writeFile(join(project, "leads.csv"), "Phone\n+12015550101\n");
  await writeFile(join(home.filesDir, "own.csv"), "Phone\n+12015550102\n");
});
afterEach(async () => {
  await client?.close();
  client = undefined;
  await home.remove();
});

async function connect(roots: NameRoots, settings: Record<string, string> = {}) {
  const program = await builtProgram(home, [], settings);
  const connected = await connectStdio("sdk v1", program, roots);
  client = connected;
  const call = { agent_id: "agent_5d0c1f6e-2b7a-4c55-9f0e-6a1d3b8e4c21", from_number: "+14155550100", name: "Roots" };
  return (tasks_file: string) => connected.callTool("preview_batch_call", { ...call, tasks_file });
}

const uriOf = (path: string) => pathToFileURL(path).href;
const read = { isError: false, structured: { rows: { input: 1, accepted: 1 } } };

it("a list is read from a root of the client, which is asked each time", async () => {
  let roots: readonly string[] = [];
  const preview = await connect(async () => roots);
  expect(await preview("leads.csv")).toMatchObject({ isError: true, text: expect.stringContaining("does not exist") });
  roots = [uriOf(project)];
  expect(await preview("leads.csv")).toMatchObject(read);
  expect(await preview(join(project, "leads.csv"))).toMatchObject(read);
  expect(await preview("own.csv")).toMatchObject(read);
});

it("a root that would open everything is not read from, and that is said", async () => {
  const preview = await connect(async () => [uriOf("/"), uriOf(home.path)]);
  const answer = await preview(join(project, "leads.csv"));
  expect(answer).toMatchObject({ isError: true, text: expect.stringContaining("is outside of the folder") });
  expect(answer.text).toContain("The client's root / is not read from: it holds the home directory.");
  expect(answer.text).toContain(`The client's root ${home.path} is not read from`);
});

it("an operator who has roots ignored has them ignored", async () => {
  const preview = await connect(async () => [uriOf(project)], { BATCH_CALL_CLIENT_ROOTS: "ignore" });
  expect(await preview("leads.csv")).toMatchObject({ isError: true, text: expect.not.stringContaining("project") });
});

it.each([
  ["fails", () => Promise.reject(new Error("no roots today"))],
  ["never answers", () => new Promise<readonly string[]>(() => {})],
])("a client that %s keeps the operator's folders, and hears what is missing", async (_what, roots) => {
  const preview = await connect(roots);
  expect(await preview("own.csv")).toMatchObject(read);
  const missing = await preview("leads.csv");
  expect(missing).toMatchObject({ isError: true, text: expect.stringContaining("none of them was read from") });
});
