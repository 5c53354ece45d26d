import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ContentChange, ContentChanged } from "../../campaigns/index.ts";
import type { Batch } from "../../domain/batch/batch.ts";
import { callerIdsOf } from "../../domain/batch/caller-ids.ts";
import { isGroupId } from "../../domain/batch/group.ts";
import type { BlankVariable, LeftOut, Recipient, UnreadZones } from "../../domain/batch/plan.ts";
import { fitVariables } from "../../domain/batch/preview-variables.ts";
import { toRecentExclusion } from "../../domain/batch/recent-exclusion.ts";
import { maxGroupRecipients, maxRecipients } from "../../domain/batch/recipients.ts";
import { toTodaysNumber } from "../../domain/phone/phone-number.ts";
import { counted } from "../../domain/text.ts";
import { invalidInput } from "../arguments/parse-input.ts";
import { taskStatus } from "../arguments/shapes.ts";
import { getAgent } from "../rules/account-names.ts";
import { chooseFallbacks } from "../rules/fallback-numbers.ts";
import type { ToolContext } from "../tool.ts";
import { batchesOf } from "./exclusions.ts";
import { readIssueGroups, toLeftOut, toUnreadZones } from "./list-issues.ts";
import { rowRules } from "./list-rules.ts";

/** The people that a batch should have from here on, as the kept list has them. */
export type ListedPeople = {
  readonly recipients: readonly Recipient[];
  readonly blankVariables?: readonly BlankVariable[];
  readonly leftOut: readonly LeftOut[];
  readonly unreadZones?: UnreadZones;
  /** Whom the list leaves out, where the batch leaves out others right before each call. */
  readonly rules?: NonNullable<ContentChange["rules"]>;
};

/** Judges the list by what is known now. Throws `invalid_input` where nobody on it can be called. */
export async function readWantedList(listId: string, batch: Batch, context: ToolContext): Promise<ListedPeople> {
  const { lists, owner, campaigns, api } = context;
  const before = await lists.get(listId, owner);
  const { fromBatch, exclude } = before;
  const callerIds = callerIdsOf(batch.fromNumber, batch.moreFromNumbers).map(toTodaysNumber);
  const list = await lists.settle(
    listId,
    rowRules(before, context, { exceptBatches: [batch.batchId], callerIds, effect: "writes" }),
  );
  const most = isGroupId(batch.batchId) ? maxGroupRecipients : maxRecipients;
  const people = await lists.recipients(listId, most);
  const { recipients } = chooseFallbacks(people, callerIds, campaigns.policy);
  if (recipients.length === 0) throw invalidInput([nobody], "writes");
  const agent = batch.agentId === undefined ? undefined : await getAgent(batch.agentId, api);
  const { missing } = fitVariables(agent?.variables, recipients);
  const leftOut = toLeftOut(await readIssueGroups(list, lists));
  const unreadZones = toUnreadZones(list);
  const recently = toRecentExclusion(exclude ?? {}, await batchesOf([fromBatch], context));
  return {
    recipients,
    leftOut,
    ...(unreadZones && { unreadZones }),
    ...(missing.length > 0 && { blankVariables: missing }),
    ...(!isDeepStrictEqual(recently, batch.exclude) && { rules: { exclude: recently } }),
  };
}

const nobody = {
  field: "list_id",
  code: "nobody_to_call",
  message: "Nobody on this list can be called; get_list tells why. To stop the batch, use cancel_batch.",
};

const mostNotRemoved = 50;

/** What became of the people of a batch whose list was changed. */
export const listEditShape = () =>
  z.object({
    added: z.number(),
    changed: z.number().describe("Who hear something else, or are called after all."),
    unchanged: z.number(),
    removed: z.number(),
    suppressed: z.number(),
    not_removed: z
      .array(z.object({ to_number: z.string(), status: taskStatus() }))
      .describe("Their call is under way or over."),
    more_not_removed: z.number().optional(),
  });

type ListEditView = z.output<ReturnType<typeof listEditShape>>;

export function toListEditView({
  notRemoved,
  notFound: _,
  ...counts
}: NonNullable<ContentChanged["report"]>): ListEditView {
  const more = notRemoved.length - mostNotRemoved;
  return {
    ...counts,
    not_removed: notRemoved.slice(0, mostNotRemoved).map(({ toNumber, status }) => ({ to_number: toNumber, status })),
    ...(more > 0 && { more_not_removed: more }),
  };
}

export function toListEditText(view: ListEditView): string {
  const { added, changed, unchanged, removed, suppressed, not_removed: kept, more_not_removed: more = 0 } = view;
  const left = kept.length + more;
  const late =
    left > 0
      ? `; ${left.toLocaleString("en-US")} could not be removed: their call is under way or over. Nobody of them is called again; a call under way ends and keeps its outcome`
      : "";
  const listed =
    suppressed > 0 ? `; ${suppressed.toLocaleString("en-US")} of the new ones are on the do-not-call list` : "";
  const of = (count: number, what: string): string => counted(count, what, what);
  const counts = [of(added, "added"), of(changed, "changed"), of(removed, "removed"), of(unchanged, "as before")];
  return `List: ${counts.join(", ")}${late}${listed}`;
}
