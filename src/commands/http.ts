import { join } from "node:path";
import { createGate, createIssuer, openNamedTokens, RequestBudget } from "../access/index.ts";
import { OperatorLogin } from "../approval-page/operator-login.ts";
import { createOperatorPage } from "../approval-page/operator-page.ts";
import { createDashboard } from "../dashboard/dashboard.ts";
import { isOnOtherMachines } from "../domain/public-url.ts";
import { isLoopback } from "../domain/secret.ts";
import { systemClock as clock } from "../lib/clock.ts";
import { describeAuthorization } from "../mcp/authorization.ts";
import { createHttpServer } from "../mcp/http.ts";
import { aborted, type CommandContext } from "../runtime/command-context.ts";
import { openContactFolders } from "../runtime/contact-files.ts";
import { ensureWritableDir } from "../runtime/data-dir.ts";
import { Organizations } from "../runtime/organizations.ts";
import { openSession } from "../runtime/session.ts";
import type { AskedTools } from "../tools/toolsets.ts";

const requestsAtOnce = 50;

/** Serves MCP over Streamable HTTP until it is told to stop. */
export async function runHttp(context: CommandContext, selection: AskedTools): Promise<number> {
  const { settings, log, signal, print } = context;
  const { httpHost: host, httpPort: port, httpToken: token, dataDir, access } = settings;
  await ensureWritableDir(dataDir, "BATCH_CALL_DATA_DIR");
  const tokens = openNamedTokens(join(dataDir, "access.sqlite"));
  const issuer = access.issuer && createIssuer({ ...access.issuer, clock, log });
  const gate = createGate({ clock, tokens, ...(token && { token }), ...(issuer && { issuer }) });
  // Who has a token may sit at another machine, where no browser can be opened from here.
  const approvalPage = { path: "/approve", isServed: () => !gate.isOpen() };
  const home = await openSession(context, {
    selection,
    approvalPage,
    // On another machine a path means another file, and the folders are the operator's.
    ...(isLoopback(host) && !isOnOtherMachines(access.publicUrl) && { files: openContactFolders(settings) }),
  }).catch((error: unknown) => {
    tokens.close();
    throw error;
  });
  const organizations = new Organizations({
    home,
    dataDir,
    clock,
    log,
    openSession: (dir, organization) =>
      openSession(
        { ...context, settings: { ...settings, dataDir: dir } },
        { selection, organization, approvalPage: { ...approvalPage, isServed: () => true } },
      ),
  });
  try {
    const login = new OperatorLogin({ clock, log, gate });
    const budget = new RequestBudget(clock, { perMinute: access.requestsPerMinute, atOnce: requestsAtOnce });
    const named = access.publicUrl !== undefined && { publicUrl: access.publicUrl };
    const pages = { clock, log, login, isLoopback: isLoopback(host), ...named };
    const server = await createHttpServer({
      ...home.served,
      host,
      port,
      ...named,
      gate,
      budget,
      openOrganization: (caller) => organizations.open(caller),
      takesForms: settings.startPolicy.approval === "form",
      buildPage: (hostOf) => createDashboard({ ...pages, hostOf, budget, approvalPath: approvalPage.path }),
      approvalPage: createOperatorPage({ ...pages, questionsOf: (caller) => organizations.questionsOf(caller) }),
      ...(access.issuer && {
        authorization: describeAuthorization(access.issuer.issuer, access.issuer.resourceUrl),
      }),
    });
    const upstream = settings.upstream.kind === "account" ? settings.upstream.url : "the simulated service";
    const approvals = gate.isOpen() ? "" : `, approvals at ${new URL(approvalPage.path, server.url)}`;
    print(
      `MCP at ${server.url}${access.publicUrl === undefined ? "" : `, for clients ${access.publicUrl}`}, the page at ${new URL("/", server.url)}${approvals}, calling ${upstream}. Stop with Ctrl-C.`,
    );
    await aborted(signal);
    await server.close();
  } finally {
    await organizations.close();
    await home.close();
    tokens.close();
  }
  return 0;
}
