import { setImmediate } from "node:timers/promises";
import { present } from "../contract/fields.ts";
import type { ColumnChoices, ColumnPlan } from "../domain/list/column-plan.ts";
import { planColumns } from "../domain/list/plan-columns.ts";
import type { Table, TableRow, TableShape } from "../domain/list/table.ts";
import { Problem } from "../domain/problem.ts";
import { packageVersion } from "../lib/version.ts";
import { assumeCountry } from "./assume-country.ts";
import { buildList } from "./build-list.ts";
import type { Head, KeptList } from "./head-store.ts";
import { canonical, ListDigest } from "./list-digest.ts";
import { type ListParts, publish } from "./list-parts.ts";
import type { ListChoices } from "./lists.ts";
import { peek } from "./peek.ts";
import { headerOf, withRemembered } from "./remembered-columns.ts";

/** Reads a table to its end and keeps it; see `Lists.read`. */
export async function readList(
  parts: ListParts,
  table: Table,
  given: ListChoices,
  owner: string,
  progress?: (rows: number) => void,
): Promise<KeptList> {
  const { shape } = table;
  const choices = withRemembered(parts.heads, shape, given, owner);
  const { sample, rows } = await peek(table);
  if (sample.length === 0) throw new Problem("invalid_input", `${shape.source} has no rows. Nothing was created.`);
  const plan = planOf(shape, sample, choices);
  await setImmediate();
  const assumed = assumeCountry({ shape, plan, sample }, choices);
  const head = toHead(assumed.shape, plan, { ...choices, ...assumed.choices });
  const digest = new ListDigest();
  // A newer version may read the same numbers otherwise.
  const { callerCountry: _asked, ...readBy } = choices;
  digest.add(canonical([packageVersion, owner, head.shape, choices.plan ?? readBy, ...madeWith(choices)]));
  const built = await buildList(parts, rows, toJudgedBy(head), {
    hear: (text) => digest.add(text),
    ...(progress && { progress }),
  });
  const list = publish(parts, {
    listId: digest.listId,
    owner,
    storage: built.storage,
    head: { ...head, unread: built.unread },
  });
  if (given.agent && given.columns)
    parts.heads.remember(owner, given.agent.agentId, headerOf(shape), given.columns, parts.clock.now());
  return list;
}

/** What makes another list of the same table. */
function madeWith({ fromBatch, exclude }: ListChoices): readonly object[] {
  return fromBatch === undefined && !exclude ? [] : [present({ fromBatch, exclude })];
}

export function toJudgedBy({ shape, plan, defaultCountry, wrongNumbers }: Head) {
  return {
    columns: shape.columns,
    plan,
    ...(defaultCountry !== undefined && { defaultCountry }),
    ...(wrongNumbers && { wrongNumbers: new Set(wrongNumbers) }),
  };
}

type Choices = ListChoices & { readonly said?: readonly string[]; readonly columns?: ColumnChoices };

function planOf({ columns, source }: TableShape, rows: readonly TableRow[], choices: Choices): ColumnPlan {
  if (choices.plan) return choices.plan;
  const plan = planColumns({ columns, rows }, choices.columns ?? {}, choices.agent?.variables ?? [], source);
  return { ...plan, said: [...(choices.said ?? []), ...plan.said] };
}

function toHead(
  shape: TableShape,
  plan: ColumnPlan,
  { columns = {}, agent, defaultCountry, fromBatch, exclude }: Choices,
): Head {
  return {
    shape,
    plan,
    choices: columns,
    unread: [],
    ...(agent && { agent }),
    ...(defaultCountry !== undefined && { defaultCountry }),
    ...(fromBatch !== undefined && { fromBatch }),
    ...(exclude && { exclude }),
  };
}
