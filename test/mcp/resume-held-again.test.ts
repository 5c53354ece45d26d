import { afterEach, expect, test } from "vitest";
import { tools } from "../../src/tools/index.ts";
import { clientKinds, connectHttp } from "../support/mcp-clients.ts";
import { fromNumber, request, startWorld } from "../support/world.ts";
import { closeAll, closeLater, start } from "./http-world.ts";

afterEach(closeAll);

test.each(clientKinds)(
  "over Streamable HTTP a resume whose batch is held again at once is a refusal that says why and what helps (%s)",
  async (kind) => {
    const world = await startWorld({
      carrierEnvironment: "live",
      // The dialer is faster than the answer.
      watchApi: (api) => ({
        ...api,
        resumeBatch: async (...args) => {
          const resumed = await api.resumeBatch(...args);
          await world.clock.advance({ seconds: 2 });
          return resumed;
        },
      }),
    });
    closeLater(() => world.stop());
    // As with BATCH_CALL_APPROVAL=form: over HTTP a form counts only then.
    const { askPerson } = world.context;
    const makeContext = (caller: object) => ({
      ...world.context,
      ...caller,
      access: { kind: "all" } as const,
      askPerson,
    });
    const client = await connectHttp(kind, await start({ tools, makeContext }));
    closeLater(() => client.close());
    const agrees = () => world.person.willAnswer({ kind: "accepted", typedRecipients: 3 });
    world.carrier.gone.add(fromNumber);
    agrees();
    const made = await client.callTool("create_batch_call", { ...request(3, { start: "now" }) });
    const id = (made.structured["batch"] as { batch_id: string }).batch_id;
    await world.clock.advance({ seconds: 2 });
    agrees();
    const refused = await client.callTool("resume_batch", { batch_id: id });
    expect(refused.isError).toBe(true);
    expect(refused.text).toMatch(
      /^unavailable: The API took the resume of \S+, and it is held again: .*no such caller id.*update_batch.*call resume_batch again/,
    );
    expect(world.carrier.rings).toEqual([]);
    world.carrier.gone.clear();
    agrees();
    expect((await client.callTool("resume_batch", { batch_id: id })).isError).toBe(false);
    await world.clock.advance({ minutes: 5 });
    expect(world.carrier.rings).toHaveLength(3);
  },
);
