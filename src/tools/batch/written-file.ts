import { z } from "zod";
import { toDownloadAddress } from "../../contacts/downloads.ts";
import type { Parts } from "../../contacts/new-file.ts";
import { Problem } from "../../domain/problem.ts";
import { nowField, nowIn, toNowText } from "../arguments/now.ts";
import type { FileLink, ToolContext } from "../tool.ts";

/** Where a file is that was written: a path, or over HTTP an address with what a client is told of it. */
export const writtenFile = () => ({
  path: z.string().optional(),
  uri: z.string().optional(),
  name: z.string().optional(),
  mime_type: z.string().optional(),
  size: z.number().optional(),
  expires_at: z.string().optional(),
  now: nowField(),
});

type WrittenFile = z.output<z.ZodObject<ReturnType<typeof writtenFile>>>;

/** Writes a new file where the client gets at it: over HTTP it is kept and fetched once, else it stands in the files folder. */
export async function writeFile(name: string, parts: Parts, context: ToolContext): Promise<WrittenFile> {
  const { files, downloads, origin, owner } = context;
  if (origin !== undefined) {
    const { id, mimeType, size, expiresAt } = await downloads.keep({ name, owner, parts });
    const uri = toDownloadAddress(origin, id);
    return {
      uri,
      name,
      mime_type: mimeType,
      size,
      expires_at: expiresAt.toISOString(),
      now: nowIn(undefined, context),
    };
  }
  if (!files) throw new Problem("unsupported", "This server has no folder for files. Nothing was written.");
  return { path: await files.write(name, parts) };
}

export function toLink({ uri, name, mime_type: mimeType, size }: WrittenFile): FileLink | undefined {
  if (uri === undefined || name === undefined || mimeType === undefined || size === undefined) return undefined;
  return { uri, name, mimeType, size };
}

export function toPlaceText({ path, uri, expires_at: expiry, now }: WrittenFile): string {
  if (uri === undefined) return String(path);
  return `${uri} (GET it once until ${expiry}, with the Authorization that this server takes; tasks_file takes this address too). ${toNowText(now)}`;
}
