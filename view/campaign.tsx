import { useEffect, useRef, useState } from "preact/hooks";
import { unmarkedName } from "../src/domain/batch/marked-name.ts";
import { stateOf } from "../src/domain/batch/shown-state.ts";
import { Actions, Approval } from "./actions.tsx";
import type { BatchView, CampaignData, PeopleQuery } from "./data.ts";
import { HoursChart } from "./hours.tsx";
import { People } from "./people.tsx";
import { readCampaign, type Source } from "./source.ts";
import { count, people, statusWords, time, title, waitWords } from "./words.ts";

type Props = {
  readonly source: Source;
  readonly batchId: string;
  /** What is known before the first reading. */
  readonly first?: CampaignData | undefined;
  /** Heading of the page around it; the name of the batch is under that. */
  readonly children?: preact.ComponentChildren;
};

const everybody: PeopleQuery = { page: 1, show: "", search: "" };

/** A batch as it moves: read again and again until it is over. */
export function Campaign({ source, batchId, first, children }: Props) {
  const [query, setQuery] = useState(everybody);
  const { data, error, refresh } = useCampaign(source, batchId, query, first);
  if (!data) {
    return (
      <main aria-busy={error === undefined}>
        {children}
        <h1>Batch</h1>
        {error === undefined ? <p class="quiet">Reading the batch…</p> : <p role="alert">{error}</p>}
      </main>
    );
  }
  const { batch, approval, is_read_only: isReadOnly = false } = data;
  const state = stateOf(batch, approval !== undefined);
  return (
    <main>
      {children}
      <header>
        <div>
          <h1>{unmarkedName(batch.name)}</h1>
          <p class="line">
            <span class={`state ${state.tone}`} role="status">
              {state.word}
            </span>
            <span>
              {batch.environment === "live"
                ? "Real calls"
                : batch.environment === "simulated"
                  ? "Simulated: no phone rings"
                  : ""}
            </span>
            {data.list_name ? <span>{/^"[^"]*"/.exec(data.list_name)?.[0] ?? data.list_name}</span> : null}
          </p>
        </div>
        <Actions source={source} batch={batch} isReadOnly={isReadOnly} refresh={refresh} />
      </header>
      {error === undefined ? null : <p class="notice bad" role="alert">{`Not up to date: ${error}`}</p>}
      {approval ? (
        <Approval source={source} batch={batch} approval={approval} isReadOnly={isReadOnly} refresh={refresh} />
      ) : null}
      <Notices data={data} />
      <Progress batch={batch} />
      <div class="columns">
        <Outcomes batch={batch} />
        <Waiting batch={batch} />
      </div>
      {data.hours ? <HoursChart hours={data.hours} /> : null}
      <Answers batch={batch} />
      <Reasons reasons={data.reasons} />
      {data.people ? (
        <People
          found={data.people}
          zone={data.now?.zone}
          query={query}
          canSearch={source.hasResources}
          setQuery={setQuery}
        />
      ) : null}
      <Particulars data={data} />
    </main>
  );
}

const runningMs = 3000;
const quietMs = 10_000;

function useCampaign(source: Source, batchId: string, query: PeopleQuery, first: CampaignData | undefined) {
  const [data, setData] = useState(first);
  const [error, setError] = useState<string>();
  const [asked, setAsked] = useState(0);
  const asOf = useRef(0);
  const refresh = (): void => setAsked((last) => last + 1);
  // The answer of the tool comes after its arguments, from which it is known what to read.
  useEffect(() => setData((known) => known ?? first), [first]);
  useEffect(() => {
    if (!source.hasTools) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isGone = false;
    const look = async (): Promise<void> => {
      clearTimeout(timer);
      const order = ++asOf.current;
      let next = runningMs;
      try {
        const read = await readCampaign(source, batchId, query);
        // An earlier question that is answered later says nothing new.
        if (isGone || order !== asOf.current) return;
        setData(read);
        setError(undefined);
        if (read.batch.is_final) return;
        if (read.batch.status !== "sent" || read.batch.is_paused) next = quietMs;
      } catch (problem) {
        if (isGone) return;
        setError(problem instanceof Error ? problem.message : String(problem));
        next = quietMs;
      }
      timer = setTimeout(() => (document.hidden ? undefined : void look()), source.watch ? next * 2 : next);
    };
    const seen = (): void => void (document.hidden || look());
    document.addEventListener("visibilitychange", seen);
    const stop = source.watch?.(`batch://${batchId}`, () => void look());
    void look();
    return () => {
      isGone = true;
      clearTimeout(timer);
      stop?.();
      document.removeEventListener("visibilitychange", seen);
    };
  }, [source, batchId, query, asked]);
  return { data, error, refresh };
}

function Notices({
  data: { batch, launch, held_back: held = [], opt_outs: optOuts, approval },
}: {
  readonly data: CampaignData;
}) {
  const lines = [
    batch.held_reason && `Held: ${batch.held_reason}`,
    approval ? undefined : launch,
    batch.line_wait && `Line: ${batch.line_wait.reason}`,
    ...held.map((line) => `Held back: ${line}`),
    optOuts,
    batch.calls_unread &&
      `${count(batch.calls_unread)} calls that are over are being read; their outcome is missing until then.`,
  ].filter((line) => typeof line === "string");
  return lines.length === 0 ? null : (
    <ul class="notice">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

const segments = ["completed", "failed", "unknown", "cancelled", "calling", "pending"] as const;

function Progress({ batch }: { readonly batch: BatchView }) {
  const { counts } = batch;
  if (!counts) return <p class="quiet">This API does not tell how far the batch is.</p>;
  const done = counts.total - counts.pending - counts.calling;
  const facts = [
    !batch.calls_per_minute ? undefined : ["Pace", `${count(batch.calls_per_minute)} a minute`],
    batch.eta_at && ["Expected end", time(batch.eta_at)],
    batch.next_attempt_at && ["Next attempt", time(batch.next_attempt_at)],
    batch.status === "scheduled" && batch.scheduled_at ? ["Starts", time(batch.scheduled_at)] : undefined,
    ...(batch.costs ?? []).map(({ amount, unit }) => ["Cost so far", `${amount} ${unit ?? "in the provider's unit"}`]),
  ].filter((fact) => fact !== undefined);
  return (
    <section class="progress" aria-label="Progress">
      <p class="big">
        <b>{count(done)}</b> of {people(counts.total)} done
        {counts.calling > 0 ? <span>{`${count(counts.calling)} on the phone now`}</span> : null}
      </p>
      <div class="bar" aria-hidden="true">
        {segments.map((name) =>
          counts[name] > 0 ? <i key={name} class={name} style={{ flexGrow: counts[name] }} /> : null,
        )}
      </div>
      <ul class="keys">
        {segments.map((name) =>
          counts[name] > 0 ? (
            <li key={name}>
              <i class={`dot ${name}`} aria-hidden="true" />
              {statusWords[name]} <b>{count(counts[name])}</b>
            </li>
          ) : null,
        )}
      </ul>
      {facts.length === 0 ? null : (
        <dl class="facts">
          {facts.map(([label, value]) => (
            <div key={`${label} ${value}`}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Outcomes({ batch: { outcomes = {} } }: { readonly batch: BatchView }) {
  const rows = Object.entries(outcomes).filter(([, value]) => value > 0);
  const most = Math.max(1, ...rows.map(([, value]) => value));
  return (
    <section aria-labelledby="outcomes">
      <h2 id="outcomes">Last outcomes</h2>
      {rows.length === 0 ? <p class="quiet">No call has ended yet.</p> : null}
      <Bars
        rows={rows.map(([name, value]) => ({ name: title(name), value, tone: name === "answered" ? "good" : "other" }))}
        most={most}
      />
    </section>
  );
}

type Bar = { readonly name: string; readonly value: number; readonly tone: string };

function Bars({ rows, most }: { readonly rows: readonly Bar[]; readonly most: number }) {
  return rows.length === 0 ? null : (
    <ul class="bars">
      {rows.map(({ name, value, tone }) => (
        <li key={name}>
          <span>{name}</span>
          <b>{count(value)}</b>
          <i aria-hidden="true">
            <i class={tone} style={{ width: `${(100 * value) / most}%` }} />
          </i>
        </li>
      ))}
    </ul>
  );
}

function Waiting({ batch: { waits_for: waits = {}, counts } }: { readonly batch: BatchView }) {
  const rows = Object.entries(waits).filter(([, value]) => value > 0);
  const most = Math.max(1, ...rows.map(([, value]) => value));
  const isOver = (counts?.pending ?? 0) === 0;
  return (
    <section aria-labelledby="waiting">
      <h2 id="waiting">What people wait for</h2>
      {rows.length > 0 ? null : <p class="quiet">{isOver ? "Nobody waits." : "Not told by this API."}</p>}
      <Bars
        rows={rows.map(([kind, value]) => ({ name: waitWords[kind] ?? title(kind), value, tone: "wait" }))}
        most={most}
      />
    </section>
  );
}

function Answers({ batch: { answers = [] } }: { readonly batch: BatchView }) {
  return answers.length === 0 ? null : (
    <section aria-labelledby="answers">
      <h2 id="answers">Answers</h2>
      <div class="columns">
        {answers.map(({ name, values = [], text }) => (
          <table key={name}>
            <caption>{title(name)}</caption>
            <thead>
              <tr>
                <th scope="col">Answer</th>
                <th scope="col" class="number">
                  People
                </th>
              </tr>
            </thead>
            <tbody>
              {values.map(({ value, recipients }) => (
                <tr key={value}>
                  <td>{value}</td>
                  <td class="number">{count(recipients)}</td>
                </tr>
              ))}
              {values.length === 0 ? (
                <tr>
                  <td colSpan={2}>{text}</td>
                </tr>
              ) : null}
            </tbody>
          </table>
        ))}
      </div>
    </section>
  );
}

function Reasons({ reasons = [] }: { readonly reasons?: CampaignData["reasons"] }) {
  return reasons.length === 0 ? null : (
    <section aria-labelledby="reasons">
      <h2 id="reasons">Not reached, and why</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col" class="number">
              People
            </th>
            <th scope="col">Rows</th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ reason, people: many, rows }) => (
            <tr key={reason}>
              <td>{title(reason)}</td>
              <td class="number">{count(many)}</td>
              <td>{`${rows.join(", ")}${rows.length > 0 && rows.length < many ? ", …" : ""}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Particulars({ data: { batch, rules = [], list_id: listId, now } }: { readonly data: CampaignData }) {
  const facts = [
    ["Batch", batch.batch_id],
    ["List", listId],
    ["Agent", batch.agent_id],
    ["From", batch.caller_ids?.join("; ") ?? batch.from_number],
    ["Purpose", batch.purpose],
    ["Consent", batch.consent_basis],
    ["Time zone", batch.timezone],
    ["Created", batch.created_at && time(batch.created_at)],
    ["Left out by the do-not-call list", batch.do_not_call && count(batch.do_not_call)],
    ["Left out, called lately", batch.excluded && count(batch.excluded)],
    ["Asked not to be called again", batch.opted_out && count(batch.opted_out)],
    ["Parts", batch.parts?.map((part) => `${part.batch_id ?? "no id"}: ${part.status}`).join("; ")],
    ["As of", now && `${time(now)} in ${now.zone}`],
  ].filter(([, value]) => value);
  const lines = [...rules, ...(batch.steering ?? [])];
  return (
    <details class="particulars">
      <summary>Rules and ids</summary>
      {lines.length === 0 ? null : (
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <dl>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
