import type { ListAskedPeople } from "../../campaigns/approve/index.ts";
import { maskNumber } from "../../domain/phone/mask.ts";
import type { ToolContext } from "../tool.ts";
import { labelOf, withListRows } from "./rows-of-tasks.ts";

/** Shows people whom a question is about, with the names that the batch's own list has for them. */
export function listAskedPeople({ campaigns, lists }: Pick<ToolContext, "campaigns" | "lists">): ListAskedPeople {
  return async (request, page) => {
    const found = await campaigns.askedPeople(request, page);
    if (!found) return undefined;
    const list = await lists.ofBatch(request.summary.batchId);
    const listed = await withListRows(found.people, list, lists);
    const people = listed.map(({ task: { row, toNumber }, listRow }) => {
      const label = list && listRow && labelOf(listRow, list);
      return {
        maskedNumber: maskNumber(toNumber),
        ...(row !== undefined && { row }),
        ...(label !== undefined && { label }),
      };
    });
    return { people, total: found.total };
  };
}
