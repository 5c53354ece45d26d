import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { campaignSchemaSteps } from "../../src/campaigns/records/database.ts";
import { sqliteSchemaSteps } from "../../src/service/store/sqlite/schema.ts";
import { connectStdio, type TestClient } from "../support/mcp-clients.ts";
import { lostRows, rowsOfFile, schemaOfFile, unpackOlder } from "../support/older-stores.ts";
import { builtProgram, createHome, type Home } from "../support/process/spawn.ts";

let home: Home;
const clients: TestClient[] = [];
beforeEach(async () => {
  home = await createHome();
  await mkdir(home.dataDir, { recursive: true, mode: 0o700 });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await home.remove();
});

test.each([
  [2, 3],
  [12, 9],
  [23, 11],
])(
  "four copies that start at once bring a service of schema %i and a ledger of schema %i up once, and all work",
  async (service, ledger) => {
    const path = (name: string) => join(home.dataDir, `${name}.sqlite`);
    await unpackOlder(`service-${service}.sqlite.gz`, path("service"));
    await unpackOlder(`carrier-${service}.sqlite.gz`, path("carrier"));
    await unpackOlder(`ledger-${ledger}.sqlite.gz`, path("ledger"));
    const [before, ledgerBefore] = [rowsOfFile(path("service")), rowsOfFile(path("ledger"))];
    const owner = before.get("batches")?.[0]?.["organization_id"];
    const keys = { organization_id: owner, api_key: "sk_upgrade", api_secret: "s3cr3t_of_the_upgrade" };
    await writeFile(join(home.dataDir, "credentials.json"), JSON.stringify([keys]), { mode: 0o600 });
    const program = await builtProgram(home, []);
    const names = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const client = await connectStdio("sdk v1", program);
        clients.push(client);
        return (await client.callTool("list_batches", {})).text;
      }),
    );
    for (const text of names) for (const { name } of before.get("batches") ?? []) expect(text).toContain(String(name));
    expect(schemaOfFile(path("service"))).toBe(sqliteSchemaSteps.length);
    expect(schemaOfFile(path("ledger"))).toBe(campaignSchemaSteps.length);
    const results = (rows: typeof before) => new Map([["attempts", (rows.get("attempts") ?? []).filter(isEnded)]]);
    expect(lostRows(results(before), rowsOfFile(path("service")), [])).toEqual([]);
    expect(lostRows(ledgerBefore, rowsOfFile(path("ledger")), ["pauses"])).toEqual([]);
  },
);

const isEnded = ({ state }: Readonly<Record<string, unknown>>) => state === "ended";
