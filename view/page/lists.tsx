import { count } from "../words.ts";
import { Page, type PageProps, Table, useRead } from "./page.tsx";
import { ask } from "./source.ts";

type List = {
  readonly list_id: string;
  readonly source: string;
  readonly rows: Readonly<{ [fate: string]: number }>;
  readonly batches: readonly string[];
};

/** The lists that were read, with what became of their rows and the batches made of them. */
export function Lists({ leave, children }: PageProps) {
  const { data, error } = useRead(async () => (await ask("lists", {})) as { lists: readonly List[] }, "", leave);
  return (
    <Page title="Lists" error={error} top={children}>
      <p class="quiet">Lists that were read, newest first. They are kept for 30 days.</p>
      <Table caption="Lists, newest first" columns={["List", "Rows", "Batches"]} rows={data?.lists} empty="No lists.">
        {({ list_id: id, source, rows, batches }) => (
          <tr key={id}>
            <th scope="row">
              {source}
              <small>{id}</small>
            </th>
            <td>
              {Object.entries(rows).map(([fate, rowCount]) =>
                rowCount > 0 ? <div key={fate}>{`${count(rowCount)} ${fate}`}</div> : null,
              )}
            </td>
            <td class="unbroken">
              {batches.map((batch, at) => (
                <div key={batch}>
                  <a href={`#/batch/${encodeURIComponent(batch)}`}>
                    {`Batch ${at + 1}`}
                    <span class="hidden">{` of ${source}`}</span>
                  </a>
                </div>
              ))}
            </td>
          </tr>
        )}
      </Table>
    </Page>
  );
}
