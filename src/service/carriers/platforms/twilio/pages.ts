import { z } from "zod";
import { isObject } from "../../../../contract/envelope.ts";
import type { PlatformRequest } from "../platform.ts";

/** The body of a successful answer; throws for any other. */
export type Read = (request: PlatformRequest) => Promise<unknown>;

const pageSize = "1000";
const mostPages = 20;
const rowsReading = z.array(z.unknown());

/** All rows of a list, which are under that name. The next page is told by its address on the same host. */
export async function readPages(read: Read, path: string, name: string): Promise<readonly unknown[]> {
  const { pathname, searchParams } = new URL(path, "http://host");
  searchParams.set("PageSize", pageSize);
  let query: string = searchParams.toString();
  const rows: unknown[] = [];
  for (let page = 0; page < mostPages; page += 1) {
    const body = await read({ method: "GET", path: `${pathname}?${query}` });
    const list = isObject(body) ? body : {};
    rows.push(...rowsReading.parse(list[name]));
    const next = list["next_page_uri"];
    if (typeof next !== "string" || next === "") break;
    query = new URL(next, "http://host").searchParams.toString();
  }
  return rows;
}
