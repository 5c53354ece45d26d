import { useState } from "preact/hooks";
import { Pager } from "../pager.tsx";
import { textOf } from "../source.ts";
import { people } from "../words.ts";
import { Page, type PageProps, Table, useRead } from "./page.tsx";
import { ask, pageSource } from "./source.ts";

type Entries = {
  readonly entries: readonly { number: string; reason?: string; requested_by?: string; added_at?: string }[];
  readonly total?: number;
  readonly has_more: boolean;
};

/** The do-not-call list, masked, and a look for one number. */
export function DoNotCall({ leave, children }: PageProps) {
  const [page, setPage] = useState(0);
  const [told, setTold] = useState("");
  const { data, error } = useRead(async () => (await ask("do-not-call", { page })) as Entries, String(page), leave);
  const check = async (form: HTMLFormElement): Promise<void> => {
    const number = String(new FormData(form).get("number") ?? "").trim();
    const answer = await pageSource.call("check_do_not_call", { numbers: [number] });
    setTold(textOf(answer));
  };
  return (
    <Page title="Do not call" error={error} top={children}>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          check(event.currentTarget).catch((problem: unknown) => setTold(String(problem)));
        }}
      >
        <label>
          <span>Is this number on the list?</span>
          <input name="number" type="tel" autocomplete="off" required placeholder="+1 415 555 0100" />
        </label>
        <button type="submit" class="main">
          Look
        </button>
      </form>
      <p class="words" role="status">
        {told}
      </p>
      <p class="quiet">{data?.total === undefined ? "" : `${people(data.total)} on the list. Numbers are masked.`}</p>
      <Table caption="Numbers that are not called" columns={["Number", "Why", "Since (UTC)"]} rows={data?.entries}>
        {({ number, reason, requested_by: by, added_at: at }) => (
          <tr key={`${number} ${at}`}>
            <th scope="row" class="unbroken">
              {number}
            </th>
            <td>{[reason, by].filter(Boolean).join(", ")}</td>
            <td>{at?.slice(0, 16).replace("T", " ") ?? ""}</td>
          </tr>
        )}
      </Table>
      <Pager
        of="numbers"
        goBack={page > 0 ? () => setPage(page - 1) : undefined}
        goOn={data?.has_more ? () => setPage(page + 1) : undefined}
      />
    </Page>
  );
}
