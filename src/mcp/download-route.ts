import { Readable } from "node:stream";
import { Hono } from "hono";
import { organizationOwner as owner } from "../domain/access.ts";
import { Problem } from "../domain/problem.ts";
import { watchTransfer } from "../lib/watch-transfer.ts";
import { fail } from "./http-guards.ts";
import type { VisitEnv } from "./visit.ts";

// Whether a file arrived is seen from the end of the connection.
const always = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", Connection: "close" };

/** `GET /ID`: the file as it is, whole, for the organization that it belongs to. */
export function createDownloadRoute(): Hono<VisitEnv> {
  const app = new Hono<VisitEnv>();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(always)) context.header(name, value);
  });
  app.get("/:id", async (context) => {
    const { takeDownload: take } = context.get("visit");
    if (!take) return context.notFound();
    // A HEAD would use the file up without a byte of it.
    if (context.req.method !== "GET") return fail(context, 405, onlyGet, "GET");
    try {
      const transfer = watchTransfer(context.env.outgoing);
      const { fileName, mimeType, size, read } = await take(context.req.param("id"), owner, transfer);
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
