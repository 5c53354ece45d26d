import { Readable } from "node:stream";
import { Hono } from "hono";
import { Problem } from "../domain/problem.ts";
import type { NodeExchange } from "../lib/http-listen.ts";
import { type Transfer, watchTransfer } from "../lib/watch-transfer.ts";
import { fail } from "./http-guards.ts";

/** Hands out a file that was kept for that principal, once, or throws a `Problem`. */
export type TakeDownload = (
  id: string,
  principal: string,
  transfer: Transfer,
) => Promise<{
  readonly fileName: string;
  readonly mimeType: string;
  /** In bytes. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
}>;

// Whether a file arrived is seen from the end of the connection.
const always = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", Connection: "close" };

/** `GET /ID`: the file as it is, whole. It belongs to `principal`. */
export function createDownloadRoute(take: TakeDownload, principal: string): Hono<{ Bindings: NodeExchange }> {
  const app = new Hono<{ Bindings: NodeExchange }>();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(always)) context.header(name, value);
  });
  app.get("/:id", async (context) => {
    // A HEAD would use the file up without a byte of it.
    if (context.req.method !== "GET") return fail(context, 405, onlyGet, "GET");
    try {
      const transfer = watchTransfer(context.env.outgoing);
      const { fileName, mimeType, size, read } = await take(context.req.param("id"), principal, transfer);
      return context.body(Readable.toWeb(Readable.from(read())), 200, {
        "Content-Type": mimeType,
        "Content-Length": String(size),
        "Content-Disposition": toDisposition(fileName),
      });
    } catch (error) {
      if (error instanceof Problem) return fail(context, 404, error.message);
      throw error;
    }
  });
  app.all("/:id", (context) => fail(context, 405, onlyGet, "GET"));
  return app;
}

const onlyGet = "Only GET is served here.";

/** RFC 6266: the name in ASCII for whoever reads no other, then as it is. */
function toDisposition(fileName: string): string {
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const exact = encodeURIComponent(fileName).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
