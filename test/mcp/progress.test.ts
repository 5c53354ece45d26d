import { afterEach, describe, expect, it } from "vitest";
import { serveOverStdio } from "../../src/mcp/stdio.ts";
import type { Tool } from "../../src/tools/tool.ts";
import { type ClientKind, clientKinds, connectHttp, connectPipe, type TestClient } from "../support/mcp-clients.ts";
import { countUp, createWaitingTool, serveExamples } from "./example-tools.ts";
import { closeAll, closeLater, start } from "./http-world.ts";
import { createPipe } from "./wire.ts";

afterEach(closeAll);

async function connect(kind: ClientKind, transport: string, tools: readonly Tool[] = [countUp]): Promise<TestClient> {
  if (transport === "HTTP") return connectHttp(kind, await start({ tools }));
  const pipe = createPipe();
  const ending = new AbortController();
  const over = serveOverStdio({ ...serveExamples({ tools }), ...pipe, signal: ending.signal });
  closeLater(async () => {
    ending.abort();
    await over;
  });
  return connectPipe(kind, pipe);
}

describe.each(clientKinds)("a client built on %s", (kind) => {
  it.each(["stdio", "HTTP"])("hears over %s how far a call is, where it asks", async (transport) => {
    const client = await connect(kind, transport);
    closeLater(() => client.close());
    const heard: string[] = [];
    const onprogress = ({ progress, message }: { progress: number; message?: string | undefined }) =>
      void heard.push(`${progress}: ${message}`);
    const answer = await client.callTool("count_up", {}, { onprogress });
    expect(answer.structured).toEqual({ isHeard: true });
    expect(heard).toEqual(["1: 1 of 3", "2: 2 of 3", "3: 3 of 3"]);
    expect((await client.callTool("count_up")).structured).toEqual({ isHeard: false });
  });

  it.each(["stdio", "HTTP"])(
    "hears over %s of waits as growing progress towards the next step, and nothing after the answer",
    async (transport) => {
      const { tool, tellLate } = createWaitingTool();
      const client = await connect(kind, transport, [tool]);
      closeLater(() => client.close());
      const heard: string[] = [];
      const onprogress = ({
        progress,
        total,
        message,
      }: {
        progress: number;
        total?: number | undefined;
        message?: string | undefined;
      }) => void heard.push(`${progress.toFixed(2)} of ${total}: ${message}`);
      const answer = await client.callTool("wait_between", {}, { onprogress });
      expect(answer.structured).toEqual({ isHeard: true });
      tellLate();
      expect((await client.callTool("wait_between")).structured).toEqual({ isHeard: false });
      expect(heard).toEqual([
        "0.50 of undefined: waits",
        "1.00 of 3: 0 of 2",
        "2.00 of 3: 1 of 2",
        "2.50 of 3: waits",
        "2.67 of 3: waits on",
        "3.00 of 3: 2 of 2",
        "3.50 of 3: waits",
        "4.00 of undefined: another part",
      ]);
    },
  );
});
