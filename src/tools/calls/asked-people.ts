import type { AskedPerson, ListAskedPeople } from "../../campaigns/approve/index.ts";
import type { Task } from "../../domain/batch/batch.ts";
import { maxGroupRecipients } from "../../domain/batch/recipients.ts";
import { maskNumber } from "../../domain/phone/mask.ts";
import type { ToolContext } from "../tool.ts";
import { labelOf, withListRows } from "./rows-of-tasks.ts";
import { personFinder } from "./search-people.ts";

/** Shows people whom a question is about, with the names that the batch's own list has for them. */
export function listAskedPeople({ campaigns, lists }: Pick<ToolContext, "campaigns" | "lists">): ListAskedPeople {
  return async (request, { search = "", page, limit }) => {
    const list = await lists.ofBatch(request.summary.batchId);
    const show = async (people: readonly Task[]): Promise<readonly (AskedPerson & { readonly task: Task })[]> => {
      const listed = await withListRows(people, list, lists);
      return listed.map(({ task, listRow }) => {
        const label = list && listRow && labelOf(listRow, list);
        return {
          task,
          maskedNumber: maskNumber(task.toNumber),
          ...(task.row !== undefined && { row: task.row }),
          ...(label !== undefined && { label }),
        };
      });
    };
    const bare = ({ task: _task, ...person }: AskedPerson & { readonly task: Task }): AskedPerson => person;
    if (search === "") {
      const found = await campaigns.askedPeople(request, { page, limit });
      return found && { people: (await show(found.people)).map(bare), total: found.total };
    }
    const all = await campaigns.askedPeople(request, { page: 0, limit: maxGroupRecipients });
    if (!all) return undefined;
    const isFound = personFinder(search);
    const people = (await show(all.people)).filter(({ task, label }) => isFound(task, label)).map(bare);
    return { people: people.slice(page * limit, (page + 1) * limit), total: people.length };
  };
}
