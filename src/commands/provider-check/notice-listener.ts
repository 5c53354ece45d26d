import { noticesRoute } from "../../contract/platform-notices.ts";
import type { Clock } from "../../lib/clock.ts";
import { explainListenError, listen, readBody } from "../../lib/http-listen.ts";

/** A notice as it came in. Header names are in lower case. */
export type ReceivedNotice = {
  readonly at: Date;
  readonly bodyText: string;
  /** The query that it was sent with, with its question mark. */
  readonly search: string;
  header(name: string): string | undefined;
};

export type NoticeListener = { readonly received: readonly ReceivedNotice[]; close(): Promise<void> };

const maxNoticeBytes = 8 * 1024 * 1024;

/** Takes a platform's notices where the service takes them. Rejects, with what to do, when the port is taken. */
export async function openNoticeListener(port: number, clock: Clock): Promise<NoticeListener> {
  const received: ReceivedNotice[] = [];

  async function take(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    if (pathname !== noticesRoute.pattern) return new Response(undefined, { status: 404 });
    const body = await readBody(request, maxNoticeBytes);
    if (!body) return new Response(undefined, { status: 413 });
    const { headers } = request;
    const bodyText = Buffer.from(body).toString("utf8");
    received.push({ at: clock.now(), bodyText, search, header: (name) => headers.get(name) ?? undefined });
    return new Response(undefined, { status: 204 });
  }

  try {
    const { cut } = await listen(take, { host: "127.0.0.1", port, badRequest: {} });
    return { received, close: cut };
  } catch (cause) {
    throw new Error(explainListenError(cause, "BATCH_CALL_SERVICE"), { cause });
  }
}
