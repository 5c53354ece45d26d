import { people, title } from "../words.ts";
import { Page, type PageProps, Table, useRead } from "./page.tsx";
import { ask } from "./source.ts";

type Entry = {
  readonly at: string;
  readonly kind: string;
  readonly principal: string;
  readonly channel?: string;
  readonly client?: string;
  readonly batchId?: string;
  readonly recipients?: number;
  readonly detail?: string;
};

/** Approvals, starts, stops and refusals, newest first. */
export function Record({ leave, children }: PageProps) {
  const { data, error } = useRead(async () => (await ask("record", {})) as { entries: readonly Entry[] }, "", leave);
  return (
    <Page title="Record" error={error} top={children}>
      <p class="quiet">Approvals, starts, stops and refusals, newest first. Nothing here can be changed or removed.</p>
      <Table
        caption="The record, newest first"
        columns={["What", "Who", "When (UTC)"]}
        rows={data?.entries}
        empty="Nothing was recorded yet."
      >
        {(entry, at) => (
          <tr key={`${entry.at} ${at}`}>
            <th scope="row">
              <b>{title(entry.kind)}</b>
              {entry.recipients === undefined ? "" : `, ${people(entry.recipients)}`}
              {entry.batchId ? (
                <small>
                  <a href={`#/batch/${encodeURIComponent(entry.batchId)}`}>{entry.batchId}</a>
                </small>
              ) : null}
              {entry.detail ? <small>{entry.detail}</small> : null}
            </th>
            <td>{[entry.principal, entry.channel, entry.client].filter(Boolean).join(", ")}</td>
            <td>{entry.at.slice(0, 16).replace("T", " ")}</td>
          </tr>
        )}
      </Table>
    </Page>
  );
}
