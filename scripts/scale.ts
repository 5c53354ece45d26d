/**
 * What so many recipients a day ask of databases that each have the organizations that are theirs, from the costs that were measured on one:
 * docs/scale.md says by which command each is. Prints the arithmetic, then a simulated day: organizations of Zipf sizes are put on the databases and
 * start their campaigns in the morning of their zone, and each database serves at most its share a minute.
 */
import { Random } from "../test/support/random.ts";
import { parseOptions } from "./parse-options.ts";

const { values } = parseOptions({
  options: {
    recipients: { type: "string", default: "10000000" },
    organizations: { type: "string", default: "5000" },
    /** Calls a recipient gets on average. */
    attempts: { type: "string", default: "1.5" },
    /** Hours of a day in which a zone may be called. */
    hours: { type: "string", default: "10" },
    /** Busiest minute over the mean of these hours, from 1 (even) to 2; it falls evenly from there. */
    peak: { type: "string", default: "2" },
    /** Ringing and talking of a call, on average. */
    "call-seconds": { type: "string", default: "40" },
    /** Measured: calls a second of one database, every rule on. */
    "database-calls": { type: "string", default: "716" },
    /** Measured: processor time of a call in the dialing process, and of a create of 1,000 in the service. */
    "call-ms": { type: "string", default: "0.62" },
    "create-ms": { type: "string", default: "47" },
    /** Measured: write-ahead log, and bytes that stay, of a call. */
    "wal-kb": { type: "string", default: "6.3" },
    "stored-kb": { type: "string", default: "1.6" },
    /** How much of what was measured a database is planned for. */
    share: { type: "string", default: "0.5" },
    seed: { type: "string", default: "1" },
  },
});
const given = Object.entries(values).map(([name, text]) => [name, Number(text)] as const);
const wrong = given.find(([, value]) => !(value > 0));
if (wrong) {
  console.error(`--${wrong[0]} takes a number above 0.`);
  process.exit(2);
}
if (Number(values.peak) < 1 || Number(values.peak) > 2) {
  console.error("--peak takes a number from 1 to 2.");
  process.exit(2);
}
const {
  recipients = 0,
  organizations = 0,
  attempts = 0,
  hours = 0,
  peak = 0,
  "call-seconds": callSeconds = 0,
  "database-calls": databaseCalls = 0,
  "call-ms": callMs = 0,
  "create-ms": createMs = 0,
  "wal-kb": walKb = 0,
  "stored-kb": storedKb = 0,
  share = 0,
  seed = 0,
} = Object.fromEntries(given);

const calls = recipients * attempts;
const meanRate = calls / (hours * 3600);
const peakRate = meanRate * peak;
const planned = databaseCalls * share;
const databases = Math.ceil(peakRate / planned);
const figures: readonly (readonly [string, string])[] = [
  ["calls a day", whole(calls)],
  ["calls a second, mean / busiest", `${whole(meanRate)} / ${whole(peakRate)}`],
  ["calls in progress, busiest", whole(peakRate * callSeconds)],
  ["one database is planned for, calls a second", whole(planned)],
  ["databases", whole(databases)],
  ["cores for dialing, busiest", fixed((peakRate * callMs) / 1000)],
  ["cores for creates, if all come within an hour", fixed(((recipients / 1000) * createMs) / 3_600_000)],
  [
    "write-ahead log a day: all / each database, GB",
    `${whole((calls * walKb) / 1e6)} / ${whole((calls * walKb) / 1e6 / databases)}`,
  ],
  [
    "stored a day: all / each database, GB",
    `${whole((calls * storedKb) / 1e6)} / ${fixed((calls * storedKb) / 1e6 / databases)}`,
  ],
  ["largest organization on one database, recipients a day", whole((planned / peak / attempts) * hours * 3600)],
];
console.log("Computed from the measured costs:\n\n| | |\n|---|---|");
for (const [what, figure] of figures) console.log(`| ${what} | ${figure} |`);

type Organization = { readonly id: number; readonly recipients: number; readonly startsAtMinute: number };

/** Zipf sizes, none larger than a database takes; in four zones, each an hour behind the one before. */
function drawOrganizations(random: () => number): readonly Organization[] {
  const weights = Array.from({ length: organizations }, (_, n) => 1 / (n + 1));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const most = (planned / peak / attempts) * hours * 3600;
  return weights.map((weight, id) => ({
    id,
    recipients: Math.min((recipients * weight) / sum, most),
    startsAtMinute: Math.floor(random() * 4) * 60 + Math.floor(random() * 90),
  }));
}

/** By a hash of the id, as if nobody looked at sizes. */
function byHash(all: readonly Organization[], random: () => number): readonly (readonly Organization[])[] {
  const placed = Array.from({ length: databases }, (): Organization[] => []);
  for (const one of all) placed[Math.floor(random() * databases)]?.push(one);
  return placed;
}

/** Each on the database that has least, the largest first, as a directory that knows their size can. */
function bySize(all: readonly Organization[]): readonly (readonly Organization[])[] {
  const placed = Array.from({ length: databases }, () => ({ sum: 0, members: [] as Organization[] }));
  for (const one of all.toSorted((a, b) => b.recipients - a.recipients)) {
    const least = placed.reduce((a, b) => (b.sum < a.sum ? b : a));
    least.members.push(one);
    least.sum += one.recipients;
  }
  return placed.map(({ members }) => members);
}

/** Minute by minute: calls become due over each organization's hours, most at first, and as many as the database is planned for are made. */
function simulateDay(members: readonly Organization[]) {
  const length = hours * 60;
  let waiting = 0;
  let made = 0;
  let longestWaitMinutes = 0;
  let busiest = 0;
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    const due = members.reduce((sum, { recipients: people, startsAtMinute }) => {
      const passed = (minute + 0.5 - startsAtMinute) / length;
      const isOpen = passed > 0 && passed < 1;
      return sum + (isOpen ? ((people * attempts) / length) * (peak - 2 * (peak - 1) * passed) : 0);
    }, 0);
    waiting += due;
    const now = Math.min(waiting, planned * 60);
    waiting -= now;
    made += now;
    busiest = Math.max(busiest, due / 60);
    longestWaitMinutes = Math.max(longestWaitMinutes, waiting / (planned * 60));
  }
  return { made, left: waiting, longestWaitMinutes, busiest };
}

const source = new Random(seed);
const random = () => source.next();
const all = drawOrganizations(random);
console.log(`\nSimulated: ${whole(all.length)} organizations of Zipf sizes on ${databases} databases, seed ${seed}:\n`);
console.log(
  "| organizations are placed | fullest database, due calls a second | longest wait, minutes | calls made | not made that day |\n|---|---|---|---|---|",
);
for (const [how, placed] of [
  ["by a hash of their id", byHash(all, random)],
  ["by size, on the database with least", bySize(all)],
] as const) {
  const days = placed.map(simulateDay);
  const most = (of: (day: (typeof days)[number]) => number) => Math.max(...days.map(of));
  const sum = (of: (day: (typeof days)[number]) => number) => days.reduce((total, day) => total + of(day), 0);
  console.log(
    `| ${how} | ${whole(most((day) => day.busiest))} | ${fixed(most((day) => day.longestWaitMinutes))} | ${whole(sum((day) => day.made))} | ${whole(sum((day) => day.left))} |`,
  );
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function fixed(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}
