import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { createDatabase, testServerUrl } from "../support/process/postgres.ts";
import { builtProgram, createHome, run } from "../support/process/spawn.ts";

/** pg-boss needs Node 22.12. */
const [major = 0] = process.versions.node.split(".").map(Number);
const canRun = testServerUrl !== undefined && major >= 24;

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || !address) throw new Error("no port");
  return address.port;
}

test.skipIf(!canRun).each(["service", "worker"] as const)(
  "a %s that starts before its database waits for it, and runs once it answers",
  async (command) => {
    const database = await createDatabase(testServerUrl ?? "");
    const home = await createHome();
    const port = await closedPort();
    const real = new URL(database.url.reveal());
    const through = new URL(real);
    through.port = String(port);
    const program = run(
      await builtProgram(home, [command], {
        BATCH_CALL_DATABASE_URL: through.href,
        BATCH_CALL_SERVICE_PORT: "0",
        BATCH_CALL_LOG_LEVEL: "warn",
      }),
    );
    await program.logged(/ECONNREFUSED.*waiting for it/);
    const forwarder = createServer((client) => {
      const server = connect(Number(real.port), real.hostname);
      client.pipe(server).pipe(client);
      for (const end of [client, server]) end.on("error", () => end.destroy());
    }).listen(port, "127.0.0.1");
    await program.answered(/service on|worker dials/);
    expect(await program.stop()).toBe(0);
    forwarder.close();
    await database.drop();
    await home.remove();
  },
);

test.skipIf(!canRun)("a service that waits for its database ends when it is told to", async () => {
  const home = await createHome();
  const program = run(
    await builtProgram(home, ["service"], {
      BATCH_CALL_DATABASE_URL: `postgres://somebody@127.0.0.1:${await closedPort()}/calls`,
      BATCH_CALL_LOG_LEVEL: "warn",
    }),
  );
  await program.logged(/waiting for it/);
  expect(await program.stop()).toBe(0);
  await home.remove();
});
