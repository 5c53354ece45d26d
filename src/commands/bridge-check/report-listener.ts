import { bridgeHeaders } from "../../contract/bridge.ts";
import { Problem } from "../../domain/problem.ts";
import { explainListenError, listen, readBody } from "../../lib/http-listen.ts";

/** A report as it came in. */
type Report = { readonly bodyText: string; header(name: string): string | undefined };

export type ReportListener = {
  readonly url: string;
  /** Those about the token, in the order of their arrival. */
  about(token: string): readonly Report[];
  close(): Promise<void>;
};

const maxReportBytes = 8 * 1024 * 1024;

/**
 * Stands in for the service while a bridge is checked. It answers the first report of each token with 503, as a service
 * that is just restarting does, and those that follow with 200. Throws a `Problem` when the port is taken.
 */
export async function openReportListener(port: number): Promise<ReportListener> {
  const reports: Report[] = [];
  const about = (token: string): readonly Report[] => reports.filter(({ bodyText }) => tokenOf(bodyText) === token);

  async function take(request: Request): Promise<Response> {
    const body = await readBody(request, maxReportBytes);
    if (!body) return new Response(undefined, { status: 413 });
    const bodyText = Buffer.from(body).toString("utf8");
    const names: readonly string[] = Object.values(bridgeHeaders);
    const kept = new Map(names.map((name) => [name, request.headers.get(name) ?? undefined]));
    const isFirst = about(tokenOf(bodyText) ?? "").length === 0;
    reports.push({ bodyText, header: (name) => kept.get(name) });
    return isFirst ? new Response(undefined, { status: 503 }) : Response.json({ data: { recorded: true } });
  }

  try {
    const { origin, cut } = await listen(take, { host: "127.0.0.1", port, badRequest: {} });
    return { url: `${origin}/carrier/outcomes`, about, close: cut };
  } catch (cause) {
    const why = explainListenError(cause, "BATCH_CALL_SERVICE");
    throw new Problem(
      "unavailable",
      `The reports of the bridge are taken where the service takes them, on port ${port}, and it cannot be listened on: ${why} Nobody was called. Stop the service while its bridge is checked.`,
      { cause },
    );
  }
}

function tokenOf(bodyText: string): string | undefined {
  try {
    const { token } = JSON.parse(bodyText);
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}
