import { type ComponentChildren, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Campaign } from "./campaign.tsx";
import { ask, LoginNeeded, pageSource } from "./page-source.ts";
import { contentOf, textOf } from "./source.ts";
import { count, nameOf, people, stateOf, title } from "./words.ts";

const places = [
  ["#/", "Batches"],
  ["#/lists", "Lists"],
  ["#/do-not-call", "Do not call"],
  ["#/record", "Record"],
] as const;

/** The server's own page: all batches, lists, the do-not-call list and the record. */
function App() {
  const [place, setPlace] = useState(location.hash || "#/");
  const [about, setAbout] = useState<{ readonly approval_path?: string }>();
  const [isOut, setOut] = useState(false);
  const begin = (): void => {
    ask("about", {}).then(
      (told) => {
        setAbout(told as { readonly approval_path?: string });
        setOut(false);
      },
      (error: unknown) => setOut(error instanceof LoginNeeded),
    );
  };
  useEffect(() => {
    const go = (): void => setPlace(location.hash || "#/");
    addEventListener("hashchange", go);
    begin();
    return () => removeEventListener("hashchange", go);
  }, []);
  if (isOut) return <Login entered={begin} />;
  if (!about) return <main aria-busy="true" />;
  const top = <Top place={place} approvalPath={about.approval_path} />;
  const leave = (): void => setOut(true);
  const batchId = /^#\/batch\/(.+)$/.exec(place)?.[1];
  if (batchId !== undefined) {
    return (
      <Campaign key={batchId} source={pageSource} batchId={decodeURIComponent(batchId)}>
        {top}
      </Campaign>
    );
  }
  switch (place) {
    case "#/lists":
      return <Lists leave={leave}>{top}</Lists>;
    case "#/do-not-call":
      return <DoNotCall leave={leave}>{top}</DoNotCall>;
    case "#/record":
      return <Record leave={leave}>{top}</Record>;
    default:
      return <Batches leave={leave}>{top}</Batches>;
  }
}

function Top({ place, approvalPath }: { readonly place: string; readonly approvalPath?: string | undefined }) {
  return (
    <nav class="top" aria-label="Pages">
      <b>Batch calls</b>
      {places.map(([href, label]) => (
        <a key={href} href={href} aria-current={href === place ? "page" : undefined}>
          {label}
        </a>
      ))}
      {approvalPath ? <a href={approvalPath}>Approvals</a> : null}
    </nav>
  );
}

type Part = { readonly leave: () => void; readonly children: ComponentChildren };

/** What was read last, and what went wrong since. `read` is done again when `key` changes and every time the server tells of a change. */
function useRead<T>(read: () => Promise<T>, key: string, leave: () => void, isWatched = false) {
  const [data, setData] = useState<T>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    let isGone = false;
    const look = (): void => {
      read().then(
        (told) => {
          if (isGone) return;
          setData(told);
          setError(undefined);
        },
        (problem: unknown) => {
          if (isGone) return;
          if (problem instanceof LoginNeeded) leave();
          else setError(problem instanceof Error ? problem.message : String(problem));
        },
      );
    };
    look();
    const stop = isWatched ? pageSource.watch?.(undefined, look) : undefined;
    return () => {
      isGone = true;
      stop?.();
    };
  }, [key]);
  return { data, error };
}

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

function Batches({ leave, children }: Part) {
  const [name, setName] = useState("");
  const [status, setStatus] = useState("");
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const read = async (): Promise<Listing> => {
    const args = { limit: 25, ...(name && { name }), ...(status && { status }), ...(cursor && { cursor }) };
    return contentOf(await pageSource.call("list_batches", args)) as Listing;
  };
  const { data, error } = useRead(read, JSON.stringify([name, status, cursor]), leave, true);
  return (
    <Page title="Batches" error={error} top={children}>
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
                {one === "" ? "All" : stateOf({ batch_id: "", name: "", status: one, is_paused: false }).word}
              </option>
            ))}
          </select>
        </label>
      </form>
      {data?.batches.length === 0 ? <p class="quiet">No batches. Ask your assistant to prepare one.</p> : null}
      {data && data.batches.length > 0 ? (
        <table>
          <caption class="hidden">Batches, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Batch</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Done
              </th>
            </tr>
          </thead>
          <tbody>
            {data.batches.map((row) => (
              <BatchRow key={row.batch_id} row={row} />
            ))}
          </tbody>
        </table>
      ) : null}
      <nav class="pages" aria-label="Pages of batches">
        <button type="button" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
          Newer
        </button>
        <button
          type="button"
          disabled={!data?.next_cursor}
          onClick={() => setCursors([...cursors, data?.next_cursor ?? ""])}
        >
          Older
        </button>
      </nav>
    </Page>
  );
}

function BatchRow({ row }: { readonly row: Row }) {
  const { batch_id, name, status, is_held: isHeld, is_paused = false } = row;
  const state = stateOf({ batch_id, name, status, is_paused, ...(isHeld && { held_reason: "held" }) });
  return (
    <tr>
      <th scope="row">
        <a href={`#/batch/${encodeURIComponent(row.batch_id)}`}>{nameOf(row)}</a>
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

type List = {
  readonly list_id: string;
  readonly source: string;
  readonly rows: Readonly<{ [fate: string]: number }>;
  readonly batches: readonly string[];
};

function Lists({ leave, children }: Part) {
  const { data, error } = useRead(async () => (await ask("lists", {})) as { lists: readonly List[] }, "", leave);
  return (
    <Page title="Lists" error={error} top={children}>
      <p class="quiet">Lists that were read, newest first. They are kept for 30 days.</p>
      {data?.lists.length === 0 ? <p>No lists.</p> : null}
      {data && data.lists.length > 0 ? (
        <table>
          <caption class="hidden">Lists, newest first</caption>
          <thead>
            <tr>
              <th scope="col">List</th>
              <th scope="col">Rows</th>
              <th scope="col">Batches</th>
            </tr>
          </thead>
          <tbody>
            {data.lists.map(({ list_id: id, source, rows, batches }) => (
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
                <td>
                  {batches.map((batch, at) => (
                    <div key={batch}>
                      <a href={`#/batch/${encodeURIComponent(batch)}`}>{`Batch ${at + 1}`}</a>
                    </div>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </Page>
  );
}

type Entries = {
  readonly entries: readonly { number: string; reason?: string; requested_by?: string; added_at?: string }[];
  readonly total?: number;
  readonly has_more: boolean;
};

function DoNotCall({ leave, children }: Part) {
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
      {data && data.entries.length > 0 ? (
        <table>
          <caption class="hidden">Numbers that are not called</caption>
          <thead>
            <tr>
              <th scope="col">Number</th>
              <th scope="col">Why</th>
              <th scope="col">Since (UTC)</th>
            </tr>
          </thead>
          <tbody>
            {data.entries.map(({ number, reason, requested_by: by, added_at: at }) => (
              <tr key={`${number} ${at}`}>
                <th scope="row">{number}</th>
                <td>{[reason, by].filter(Boolean).join(", ")}</td>
                <td>{at?.slice(0, 16).replace("T", " ") ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      <nav class="pages" aria-label="Pages of numbers">
        <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
          Previous
        </button>
        <button type="button" disabled={!data?.has_more} onClick={() => setPage(page + 1)}>
          Next
        </button>
      </nav>
    </Page>
  );
}

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

function Record({ leave, children }: Part) {
  const { data, error } = useRead(async () => (await ask("record", {})) as { entries: readonly Entry[] }, "", leave);
  return (
    <Page title="Record" error={error} top={children}>
      <p class="quiet">Starts, approvals and refusals, newest first. Nothing here can be changed or removed.</p>
      {data?.entries.length === 0 ? <p>Nothing was recorded yet.</p> : null}
      {data && data.entries.length > 0 ? (
        <table>
          <caption class="hidden">The record, newest first</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Who</th>
              <th scope="col">When (UTC)</th>
            </tr>
          </thead>
          <tbody>
            {data.entries.map((entry, at) => (
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
            ))}
          </tbody>
        </table>
      ) : null}
    </Page>
  );
}

function Page({
  title: heading,
  error,
  top,
  children,
}: {
  readonly title: string;
  readonly error?: string | undefined;
  readonly top: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <main>
      {top}
      <h1 class="page">{heading}</h1>
      {error === undefined ? null : (
        <p class="notice bad" role="alert">
          {error}
        </p>
      )}
      <section aria-label={heading}>{children}</section>
    </main>
  );
}

function Login({ entered }: { readonly entered: () => void }) {
  const [error, setError] = useState("");
  const enter = (form: HTMLFormElement): void => {
    ask("login", { token: String(new FormData(form).get("token") ?? "") }).then(entered, (problem: unknown) =>
      setError(problem instanceof Error ? problem.message : String(problem)),
    );
  };
  return (
    <main class="login">
      <h1>Batch calls</h1>
      <p>See campaigns as they move, and stop them.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          enter(event.currentTarget);
        }}
      >
        <label>
          <span>Token of this server (BATCH_CALL_HTTP_TOKEN)</span>
          <input name="token" type="password" autocomplete="current-password" required aria-describedby="wrong" />
        </label>
        <p class="told bad" id="wrong" role="alert">
          {error}
        </p>
        <button type="submit" class="main">
          Log in
        </button>
      </form>
    </main>
  );
}

const root = document.getElementById("root");
if (root) render(<App />, root);
