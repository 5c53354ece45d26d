import { OperatorLogin } from "../approval-page/operator-login.ts";
import { createOperatorPage } from "../approval-page/operator-page.ts";
import { createDashboard } from "../dashboard/dashboard.ts";
import { isLoopback } from "../domain/secret.ts";
import { createHttpServer } from "../mcp/http.ts";
import type { PageHost } from "../mcp/page-host.ts";
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
    const { clock, log } = session.formParts;
    const login = token && new OperatorLogin({ clock, log, token });
    const approvalPage =
      token &&
      createOperatorPage({
        ...session.formParts,
        token,
        ...(login && { login }),
        isLoopback: isLoopback(host),
        principal: "http",
      });
    const buildPage = (of: PageHost) =>
      createDashboard({
        host: of,
        audit: session.audit,
        clock,
        log,
        isLoopback: isLoopback(host),
        ...(login && { login, approvalPath: "/approve" }),
      });
    const guarded = token && approvalPage && { token: token.reveal(), approvalPage };
    const takesForms = settings.startPolicy.approval === "form";
    const files = { keepUpload: session.uploads.keep, takeDownload: session.downloads.take };
    const server = await createHttpServer({
      ...session.served,
      host,
      port,
      takesForms,
      buildPage,
      ...files,
      ...guarded,
    });
    const upstream = settings.upstream.kind === "account" ? settings.upstream.url : "the simulated service";
    const approvals = token ? `, approvals at ${new URL("/approve", server.url)}` : "";
    print(
      `MCP at ${server.url}, the page at ${new URL("/", server.url)}${approvals}, calling ${upstream}. Stop with Ctrl-C.`,
    );
    await aborted(signal);
    await server.close();
  } finally {
    await session.close();
  }
  return 0;
}
