import { useState } from "preact/hooks";
import { unmarkedName } from "../../src/domain/batch/marked-name.ts";
import { stateOf } from "../../src/domain/batch/shown-state.ts";
import { Pager } from "../pager.tsx";
import { contentOf } from "../source.ts";
import { people } from "../words.ts";
import { Page, type PageProps, Table, useRead } from "./page.tsx";
import { ask, pageSource } from "./source.ts";

type Row = {
  readonly batch_id: string;
  readonly name: string;
  readonly status: string;
  readonly total?: number;
  readonly is_paused?: boolean;
  readonly is_held?: boolean;
  readonly scheduled_at?: string;
  readonly percent_done?: number;
};
type Listing = { readonly batches: readonly Row[]; readonly environment?: string; readonly next_cursor?: string };

const statuses = ["", "draft", "scheduled", "sent", "completed", "failed", "cancelled"] as const;

/** All batches, newest first, by part of a name and by state. */
export function Batches({ leave, children }: PageProps) {
  const [name, setName] = useState("");
  const [status, setStatus] = useState("");
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const read = async (): Promise<Listing> => {
    const args = { limit: 25, ...(name && { name }), ...(status && { status }), ...(cursor && { cursor }) };
    return contentOf(await pageSource.call("list_batches", args)) as Listing;
  };
  const { data, error } = useRead(read, JSON.stringify([name, status, cursor]), leave, true);
  const { data: all } = useRead(
    async () => (await ask("stopped", {})) as { readonly stopped?: string },
    "",
    leave,
    true,
  );
  return (
    <Page title="Batches" error={error} top={children}>
      {all?.stopped === undefined ? null : <p class="notice bad">{all.stopped}</p>}
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>Part of the name</span>
          <input
            type="search"
            value={name}
            onChange={({ currentTarget }) => {
              setCursors([]);
              setName(currentTarget.value);
            }}
          />
        </label>
        <label>
          <span>Show</span>
          <select
            value={status}
            onChange={({ currentTarget }) => {
              setCursors([]);
              setStatus(currentTarget.value);
            }}
          >
            {statuses.map((one) => (
              <option key={one} value={one}>
                {one === "" ? "All" : stateOf({ status: one, is_paused: false }).word}
              </option>
            ))}
          </select>
        </label>
      </form>
      <Table
        caption="Batches, newest first"
        columns={["Batch", "State", "Done"]}
        numberColumn="Done"
        rows={data?.batches}
        empty="No batches. Ask your assistant to prepare one."
      >
        {(row) => <BatchRow key={row.batch_id} row={row} />}
      </Table>
      <Pager
        of="batches"
        back="Newer"
        on="Older"
        goBack={cursors.length > 0 ? () => setCursors(cursors.slice(0, -1)) : undefined}
        goOn={data?.next_cursor ? () => setCursors([...cursors, data.next_cursor ?? ""]) : undefined}
      />
    </Page>
  );
}

function BatchRow({ row }: { readonly row: Row }) {
  const { status, is_held: isHeld, is_paused = false } = row;
  const state = stateOf({ status, is_paused, ...(isHeld && { held_reason: "held" }) });
  return (
    <tr>
      <th scope="row">
        <a href={`#/batch/${encodeURIComponent(row.batch_id)}`}>{unmarkedName(row.name)}</a>
        {row.total === undefined ? null : <small>{people(row.total)}</small>}
      </th>
      <td>
        <span class={`state ${state.tone}`}>{state.word}</span>
        {row.scheduled_at ? <small>{row.scheduled_at.replace("T", " ")}</small> : null}
      </td>
      <td class="number">{row.percent_done === undefined ? "–" : `${row.percent_done}%`}</td>
    </tr>
  );
}
