import { createOperatorPage } from "../approval-page/operator-page.ts";
import { isLoopback } from "../domain/secret.ts";
import { createHttpServer } from "../mcp/http.ts";
import { aborted, type CommandContext } from "../runtime/command-context.ts";
import { openContactFolders } from "../runtime/contact-files.ts";
import { openSession } from "../runtime/session.ts";
import type { AskedTools } from "../tools/toolsets.ts";

/** Serves MCP over Streamable HTTP until it is told to stop. */
export async function runHttp(context: CommandContext, selection: AskedTools): Promise<number> {
  const { settings, signal, print } = context;
  const { httpHost: host, httpPort: port, httpToken: token } = settings;
  const session = await openSession(context, {
    selection,
    // On another machine a path means another file.
    ...(isLoopback(host) && { files: openContactFolders(settings) }),
    // Who has the token may sit at another machine, where no browser can be opened from here.
    ...(token && { openPage: async () => "listed", approvalPath: "/approve" }),
  });
  try {
    const guarded = token && {
      token: token.reveal(),
      approvalPage: createOperatorPage({
        ...session.formParts,
        token,
        isLoopback: isLoopback(host),
        principal: "http",
      }),
    };
    const takesForms = settings.startPolicy.approval === "form";
    const files = { keepUpload: session.uploads.keep, takeDownload: session.downloads.take };
    const server = await createHttpServer({ ...session.served, host, port, takesForms, ...files, ...guarded });
    const upstream = settings.upstream.kind === "account" ? settings.upstream.url : "the simulated service";
    const approvals = token ? `, approvals at ${new URL("/approve", server.url)}` : "";
    print(`MCP at ${server.url}${approvals}, calling ${upstream}. Stop with Ctrl-C.`);
    await aborted(signal);
    await server.close();
  } finally {
    await session.close();
  }
  return 0;
}
