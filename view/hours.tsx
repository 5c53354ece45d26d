import type { CampaignData } from "./data.ts";
import { count } from "./words.ts";

type Hours = NonNullable<CampaignData["hours"]>;

/** Calls by the hour in which they began on the recipients' own clocks, as bars and as a table. */
export function HoursChart({ hours }: { readonly hours: Hours }) {
  const known = fill(hours);
  const most = Math.max(1, ...known.map(({ calls }) => calls));
  const every = known.length > 8 ? 3 : 1;
  const unknown = hours.find(({ hour }) => hour === undefined)?.calls ?? 0;
  const underWay = hours.reduce((sum, { calling = 0 }) => sum + calling, 0);
  const all = hours.reduce((sum, { calls }) => sum + calls, 0);
  return (
    <section aria-labelledby="hours">
      <h2 id="hours">Calls by hour, on the recipients' clocks</h2>
      {all === 0 ? <p class="quiet">No call began yet.</p> : null}
      {known.length > 0 ? (
        <div aria-hidden="true">
          <p class="legend">
            <i class="dot answered" /> answered <i class="dot other" /> not answered
            {underWay > 0 ? (
              <>
                {" "}
                <i class="dot calling" /> on the phone
              </>
            ) : null}
          </p>
          <ol class="chart">
            {known.map(({ hour, calls, answered, calling = 0 }) => (
              <li key={hour} title={titleOf({ hour, calls, answered, calling })}>
                <b>{calls > 0 && (known.length <= 12 || calls === most) ? count(calls) : ""}</b>
                <i class="calling" style={{ height: `${(100 * calling) / most}px` }} />
                <i class="other" style={{ height: `${(100 * (calls - answered - calling)) / most}px` }} />
                <i class="answered" style={{ height: `${(100 * answered) / most}px` }} />
                <span>{hour % every === 0 ? `${hour}:00` : ""}</span>
              </li>
            ))}
          </ol>
        </div>
      ) : null}
      {all > 0 ? (
        <details>
          <summary>The same as a table</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">Hour</th>
                <th scope="col">Calls</th>
                <th scope="col">Answered</th>
                {underWay > 0 ? <th scope="col">On the phone</th> : null}
              </tr>
            </thead>
            <tbody>
              {hours.map(({ hour, calls, answered, calling = 0 }) => (
                <tr key={hour}>
                  <td>{hour ?? "zone not known"}</td>
                  <td>{count(calls)}</td>
                  <td>{count(answered)}</td>
                  {underWay > 0 ? <td>{count(calling)}</td> : null}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ) : null}
      {unknown > 0 && known.length > 0 ? (
        <p class="quiet">{count(unknown)} more to numbers whose time zone is not known.</p>
      ) : null}
    </section>
  );
}

type Known = { readonly hour: number; readonly calls: number; readonly answered: number; readonly calling?: number };

function titleOf({ hour, calls, answered, calling = 0 }: Known): string {
  const underWay = calling > 0 ? `, ${count(calling)} on the phone` : "";
  return `${hour}:00: ${count(calls)} calls, ${count(answered)} answered${underWay}`;
}

/** Every hour from the first to the last, and at least six: a gap in the day is a gap in the picture. */
function fill(hours: Hours): readonly Known[] {
  const known = hours.flatMap(({ hour, ...rest }) =>
    hour === undefined ? [] : [{ hour: Number(hour.slice(0, 2)), ...rest }],
  );
  const [first] = known;
  const last = known.at(-1);
  if (!first || !last) return [];
  const from = Math.min(first.hour, 18);
  const to = Math.max(last.hour, from + 5);
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const hour = from + at;
    return known.find((one) => one.hour === hour) ?? { hour, calls: 0, answered: 0 };
  });
}
