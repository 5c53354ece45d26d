import { z } from "zod";
import { maybeCount } from "../../../../contract/fields.ts";
import type { PlatformRequest } from "../platform.ts";

/** The body of a successful answer; throws for any other. */
export type Read = (request: PlatformRequest) => Promise<unknown>;

const pageSize = 250;
const mostPages = 20;

const page = z.object({
  data: z.array(z.unknown()),
  meta: z.object({ total_pages: maybeCount }).nullish().catch(undefined),
});

/** All rows of a list that gives them page by page. */
export async function readPages(read: Read, path: string, filters: Readonly<Record<string, string>> = {}) {
  const rows: unknown[] = [];
  for (let number = 1; number <= mostPages; number += 1) {
    const query = new URLSearchParams({ ...filters, "page[number]": String(number), "page[size]": String(pageSize) });
    const { data, meta } = page.parse(await read({ method: "GET", path: `${path}?${query}` }));
    rows.push(...data);
    if (data.length === 0 || number >= (meta?.total_pages ?? 1)) break;
  }
  return rows;
}
