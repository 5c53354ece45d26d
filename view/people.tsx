import { useEffect, useState } from "preact/hooks";
import type { CampaignData, PeopleQuery, ResultView } from "./data.ts";
import { Pager } from "./pager.tsx";
import { count, people, statusWords, time, title, waitWords } from "./words.ts";

type Props = {
  readonly found: NonNullable<CampaignData["people"]>;
  readonly query: PeopleQuery;
  /** On whose clock the times are. */
  readonly zone: string | undefined;
  readonly canSearch: boolean;
  readonly setQuery: (query: PeopleQuery) => void;
};

const filters = [
  ["", "Everybody"],
  ["pending", "To come"],
  ["calling", "On the phone"],
  ["completed", "Answered"],
  ["failed", "Not reached"],
  ["no_answer", "No answer"],
  ["busy", "Busy"],
  ["voicemail", "Voicemail"],
  ["unknown", "Unknown"],
  ["cancelled", "Not called"],
] as const;

const searchAfterMs = 250;

/** Everybody on the list, a page at a time. */
export function People({ found, query, zone, canSearch, setQuery }: Props) {
  const [typed, setTyped] = useState(query.search);
  useEffect(() => {
    if (typed === query.search) return undefined;
    const timer = setTimeout(() => setQuery({ ...query, search: typed, page: 1 }), searchAfterMs);
    return () => clearTimeout(timer);
  }, [typed, query]);
  const { matching, page, pages, results } = found;
  return (
    <section aria-labelledby="people">
      <h2 id="people">Recipients</h2>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        {canSearch ? (
          <label>
            <span>Search name, number or row</span>
            <input type="search" value={typed} onInput={({ currentTarget }) => setTyped(currentTarget.value)} />
          </label>
        ) : null}
        <label>
          <span>Show</span>
          <select
            value={query.show}
            onChange={({ currentTarget }) => setQuery({ ...query, show: currentTarget.value, page: 1 })}
          >
            {filters.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </form>
      <p class="quiet" role="status">
        {matching === 0
          ? "Nobody matches."
          : `${people(matching)}, page ${count(page)} of ${count(pages)}. Numbers are masked.${zone ? ` Times in ${zone}.` : ""}`}
      </p>
      {results.length > 0 ? (
        <table class="people" aria-labelledby="people">
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">How it stands</th>
              <th scope="col" class="when">
                Last call
              </th>
            </tr>
          </thead>
          <tbody>
            {results.map((one) => (
              <Person key={`${one.row} ${one.to_number}`} one={one} />
            ))}
          </tbody>
        </table>
      ) : null}
      {pages > 1 ? (
        <Pager
          of="recipients"
          goBack={page > 1 ? () => setQuery({ ...query, page: page - 1 }) : undefined}
          goOn={page < pages ? () => setQuery({ ...query, page: page + 1 }) : undefined}
        />
      ) : null}
    </section>
  );
}

function Person({ one }: { readonly one: ResultView }) {
  const { row, label, to_number: number, status, outcome, attempts, reason, answers = [], summary } = one;
  const waits = one.waits_for && waitWords[one.waits_for];
  const isCalm = status === "pending" || status === "completed" || status === "calling";
  return (
    <tr>
      <th scope="row">
        <b>{label}</b>
        <small>
          {row === undefined ? "" : `Row ${count(row)}`}
          {row !== undefined && label !== number ? " · " : ""}
          {label === number ? "" : <span class="unbroken">{number}</span>}
        </small>
      </th>
      <td>
        <span class={`tag ${status}`}>{statusWords[status] ?? title(status)}</span>
        {outcome && outcome !== "answered" ? ` ${title(outcome).toLowerCase()}` : ""}
        {attempts ? <small>{`${count(attempts)} ${attempts === 1 ? "attempt" : "attempts"}`}</small> : null}
        {waits && status === "pending" ? <small>{`Waits: ${waits.toLowerCase()}`}</small> : null}
        {one.next_attempt_at ? <small>{`Next ${time(one.next_attempt_at)}`}</small> : null}
        {reason && !isCalm ? <small>{title(reason)}</small> : null}
        {summary ? <small class="said">{summary}</small> : null}
        {answers.map(({ name, value }) => (
          <small key={name}>
            {name}: <b>{value}</b>
          </small>
        ))}
      </td>
      <td class="when">
        {one.called_at ? time(one.called_at) : <span class="quiet">–</span>}
        {one.duration_seconds === undefined ? null : <small>{`${count(one.duration_seconds)} s`}</small>}
      </td>
    </tr>
  );
}
