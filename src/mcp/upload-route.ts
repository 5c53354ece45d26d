import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { organizationOwner as owner } from "../domain/access.ts";
import { Problem, type ProblemCode } from "../domain/problem.ts";
import { fail } from "./http-guards.ts";
import type { VisitEnv } from "./visit.ts";

/** `POST ?name=list.csv`: the body is the file. What is kept belongs to the organization of who sends it. */
export function createUploadRoute(): Hono<VisitEnv> {
  const app = new Hono<VisitEnv>();
  app.post("/", async (context) => {
    const { keepUpload: keep } = context.get("visit");
    if (!keep) return context.notFound();
    const wrong = whatIsWrong(context);
    if (wrong) return fail(context, 415, wrong);
    const name = context.req.query("name");
    if (!name) return fail(context, 400, "The name of the file is missing: /uploads?name=list.csv. Nothing was kept.");
    try {
      const announcedSize = Number(context.req.header("content-length") ?? 0);
      const body = context.req.raw.body ?? nothing();
      const { upload, expiresAt, now, size } = await keep({ name, owner, body, announcedSize });
      return context.json({ upload, expires_at: expiresAt.toISOString(), now: now.toISOString(), size }, 201);
    } catch (error) {
      if (error instanceof Problem) return fail(context, statusOf(error.code), error.message);
      throw error;
    }
  });
  app.all("/", (context) => fail(context, 405, "Only POST is served here.", "POST"));
  return app;
}

/** The bytes are taken as they come: what wraps or packs them would be read as the list. */
function whatIsWrong({ req }: Context): string | undefined {
  if (/^multipart\//i.test(req.header("content-type") ?? ""))
    return "A form is not taken here: the body is the file itself (curl --data-binary @list.csv, not -F). Nothing was kept.";
  const encoding = req.header("content-encoding") ?? "identity";
  return encoding === "identity" ? undefined : "Send the file without Content-Encoding. Nothing was kept.";
}

function statusOf(code: ProblemCode): ContentfulStatusCode {
  switch (code) {
    case "invalid_input":
      return 400;
    case "refused_by_limit":
      return 413;
    case "rate_limited":
      return 429;
    default:
      return 503;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
