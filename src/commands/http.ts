import { createHttpServer } from "../mcp/http.ts";
import type { CommandContext } from "./commands.ts";
import { openSession } from "./session.ts";
import { aborted } from "./wait.ts";

/** Serves MCP over Streamable HTTP until it is told to stop. */
export async function runHttp(context: CommandContext): Promise<number> {
  const { settings, signal, print } = context;
  const session = await openSession(context);
  try {
    const { httpHost, httpPort, httpToken } = settings;
    const server = await createHttpServer({
      ...session.served,
      host: httpHost,
      port: httpPort,
      ...(httpToken && { token: httpToken.reveal() }),
    });
    const upstream = settings.upstream.kind === "account" ? settings.upstream.url : "the simulated service";
    print(`MCP at ${server.url}, calling ${upstream}. Stop with Ctrl-C.`);
    await aborted(signal);
    await server.close();
  } finally {
    await session.close();
  }
  return 0;
}
