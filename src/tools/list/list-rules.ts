import type { ContactList } from "../../domain/list/list.ts";
import { counted } from "../../domain/text.ts";
import type { RowRules } from "../../lists/lists.ts";
import type { Effect, ToolContext } from "../tool.ts";
import { buildExclusions } from "./exclusions.ts";
import { countRows } from "./list-input.ts";

/**
 * What decides about a list's rows now: the do-not-call list, what the list excludes, and the numbers that call. The calls of
 * `exceptBatches` and of the batch that the list calls people of again exclude nobody; `effect` is that of the tool. A caller who listens hears of every five
 * thousand numbers; it throws when they gave up waiting.
 */
export function rowRules(
  { fromBatch }: Pick<ContactList, "fromBatch">,
  context: ToolContext,
  {
    callerIds,
    exceptBatches = [],
    effect = "may_dial",
  }: {
    readonly callerIds?: readonly string[];
    readonly exceptBatches?: readonly string[];
    readonly effect?: Effect;
  } = {},
): RowRules {
  const tell = countRows(context, (numbers) => `${counted(numbers, "number")} held against the do-not-call list`);
  let compared = 0;
  return {
    async findDoNotCall(numbers) {
      context.signal.throwIfAborted();
      compared += numbers.length;
      tell(compared);
      return context.campaigns.doNotCall.find(numbers);
    },
    findExcluded: buildExclusions(context, { exceptBatches: [...exceptBatches, fromBatch], effect }),
    ...(callerIds && { callerIds }),
  };
}
