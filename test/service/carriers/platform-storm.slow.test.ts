import { expect, test } from "vitest";
import { noticeFates } from "../../../src/service/dialing/call-reports.ts";
import { stormPlatform } from "../../support/carriers/platform-storm.ts";
import { platformNames } from "../../support/carriers/platform-world.ts";
import { createDatabase, openEmptied, testServerUrl } from "../../support/process/postgres.ts";

/** In ms, on a machine that has other things to do. */
const slowest = 600_000;

const clean = { rungTwice: 0, lost: 0, wrong: 0, misjudged: 0 };

test.each(platformNames)(
  "%s: faults, kills and notices of every kind: nobody twice, nobody lost, and unknown is what nobody can know",
  async (name) => {
    const report = await stormPlatform(name, 150, 1);
    expect(report).toMatchObject(clean);
    expect(report.unknown).toBeGreaterThan(0);
    // The end of a call is in Telnyx' events, which the storm lists late: no notice comes to more than a question.
    const met = name === "telnyx" ? noticeFates.filter((fate) => fate !== "recorded") : noticeFates;
    expect([...report.notices.keys()]).toEqual(expect.arrayContaining([...met]));
  },
  slowest,
);

// The ledger of what was sent is the same for all platforms.
test.skipIf(!testServerUrl)(
  "on PostgreSQL: the same",
  async () => {
    const database = await createDatabase(testServerUrl ?? "");
    const sql = await database.connect();
    try {
      expect(await stormPlatform("retell", 15, 2, { store: await openEmptied(sql) })).toMatchObject(clean);
      // Each process that was killed would go on to hear of every change.
      const hearing = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'";
      await expect.poll(() => sql.query(hearing)).toEqual([]);
    } finally {
      await sql.close();
      await database.drop();
    }
  },
  slowest,
);
