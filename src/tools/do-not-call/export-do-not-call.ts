import { toDoNotCallCsv } from "../../contacts/do-not-call-file.ts";
import { collectPages, dropUndefined } from "../arguments/shapes.ts";
import { writeFile } from "../batch/written-file.ts";
import { countRows } from "../list/list-input.ts";
import type { ToolContext } from "../tool.ts";
import { toLocalText } from "./do-not-call-view.ts";

/** A million entries, against a list that never ends. */
const mostPages = 10_000;

/** Writes the whole list to a new file, newest first. */
export async function exportDoNotCall(context: ToolContext) {
  const { campaigns, timezone, clock } = context;
  const tell = countRows(context);
  let read = 0;
  const entries = await collectPages(async (page) => {
    const found = await campaigns.doNotCall.list(page);
    read += found.rows.length;
    tell(read);
    return found;
  }, mostPages);
  const lines = entries.map((entry) => ({
    ...entry,
    ...dropUndefined({ addedLocal: toLocalText(entry.addedAt, timezone) }),
  }));
  const day = clock.now().toISOString().slice(0, 10);
  return writeFile(`do-not-call-${day}.csv`, [toDoNotCallCsv(lines)], context);
}
