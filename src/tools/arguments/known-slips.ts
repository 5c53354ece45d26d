import { instantOfCount, spellInstant } from "../../domain/time/time-spelling.ts";
import { adviseStopField } from "./stop-when-slips.ts";

/** What to write instead of an argument, for the value that was given; undefined where nothing of it stands at that place. */
export type Advice = (value: unknown, known: readonly string[]) => string | undefined;

/** What people and models write who know the API's own fields or other vendors' tools. In lower case, without signs. */
const slips: ReadonlyMap<string, Advice> = new Map<string, Advice>([
  ...under(["sendnow"], sendNow),
  ...under(
    [
      "triggertimestamp",
      "scheduledtimestamp",
      "scheduledat",
      "scheduleat",
      "scheduledtime",
      "sendat",
      "runat",
      "callat",
    ],
    startAt,
  ),
  ...under(["status"], status),
  ...under(
    ["to", "tonumber", "tonumbers", "phonenumbers", "phonenumber", "phone", "phones", "number"],
    (value, known) =>
      known.includes("to_number")
        ? write("to_number", textOf(value))
        : (oneOf(known, "tasks", toTasks(value)) ?? oneOf(known, "numbers", toNumbers(value))),
  ),
  ...under(["recipients", "contacts", "people"], pass("tasks", "[{ to_number, dynamic_variables }], or tasks_file")),
  ...under(["csv"], pass("tasks_csv", "the text of the list")),
  ...under(["file", "path", "filename"], (value, known) =>
    oneOf(known, "tasks_file", textOf(value) ?? "the name of the file"),
  ),
  ...under(["list"], same("list_id")),
  ...under(["phonecolumn"], (value, known) => oneOf(known, "columns", toColumn(value))),
  ...under(["mapping"], pass("columns", "{ first_name: the name of the column that the variable comes from }")),
  ...under(["from", "callerid", "fromphone", "fromnumber"], fromNumber),
  ...under(
    ["fromnumbers", "callerids", "morecallerids"],
    pass("more_from_numbers", "[the caller ids besides from_number]"),
  ),
  ...under(["variables", "metadata"], pass("dynamic_variables", "{ name: text }")),
  ...under(["agent", "agentname"], same("agent_id", "name")),
  ...under(["id"], same("batch_id", "list_id", "call_id")),
  ...under(["batch"], same("batch_id", "batch_ids")),
  ...under(["batches", "group", "groups", "groupid", "groupids"], same("batch_ids", "batch_id")),
  ...under(["call"], same("call_id")),
  ...under(["tz", "zone"], same("timezone")),
  ...under(["country", "countrycode", "region"], same("default_country", "country")),
  ...under(["wait", "timeout"], (value, known) => oneOf(known, "wait_seconds", numberOf(value))),
]);

export function adviceFor(key: string, value: unknown, known: readonly string[]): string | undefined {
  if (isStopWhen(known)) return adviseStopField(key, value);
  return slips.get(key.toLowerCase().replace(/[^a-z]/g, ""))?.(value, known);
}

function isStopWhen(known: readonly string[]): boolean {
  return ["calls", "spend", "at"].every((name) => known.includes(name));
}

function under(names: readonly string[], advice: Advice): readonly [string, Advice][] {
  return names.map((name) => [name, advice]);
}

function pass(name: string, form: string): Advice {
  return (_value, known) => oneOf(known, name, form);
}

/** The first of these names that the place has. */
function same(...names: readonly string[]): Advice {
  return (value, known) => {
    const name = names.find((one) => known.includes(one));
    return name === undefined ? undefined : write(name, textOf(value));
  };
}

function oneOf(known: readonly string[], name: string, form: string | undefined): string | undefined {
  return known.includes(name) ? write(name, form) : undefined;
}

function write(name: string, form: string | undefined): string {
  return form === undefined ? `Write ${name}.` : `Write ${name}: ${form}.`;
}

/** A batch that there is keeps its first one; another one calls instead where the account does not have that any more. */
function fromNumber(value: unknown, known: readonly string[]): string | undefined {
  if (known.includes("from_number")) return write("from_number", textOf(value));
  const text = textOf(value);
  const instead = oneOf(known, "more_from_numbers", text && `[${text}]`);
  return instead && `from_number stays. ${instead} Those call in place of one that the account does not have any more.`;
}

const longestShown = 60;

/** A text as it would be written again; undefined for what is none, or too long to be of use. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= longestShown ? JSON.stringify(value) : undefined;
}

function numberOf(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : undefined;
}

/** Whoever writes that nothing is to be sent now is not advised to start. */
function sendNow(value: unknown, known: readonly string[]): string | undefined {
  if (!known.includes("start")) return undefined;
  if (value === true || /^true$/i.test(String(value))) return 'Write start: "now".';
  return known.includes("allow_duplicate") || known.includes("tasks")
    ? 'Write start: "at_time" and start_at, or "draft" to call nobody yet.'
    : 'Write start: "at_time" and start_at for a later time.';
}

function startAt(value: unknown, known: readonly string[]): string | undefined {
  if (!known.includes("start_at")) return undefined;
  const start = known.includes("start") ? 'start: "at_time" and ' : "";
  const time = toInstantText(value);
  const form =
    time === undefined ? 'start_at with a local time such as "2026-02-20T13:00"' : `start_at: ${JSON.stringify(time)}`;
  return `Write ${start}${form}.`;
}

/** A date and time is given back as it is. */
function toInstantText(value: unknown): string | undefined {
  if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}T/.test(spellInstant(value))) return spellInstant(value);
  return instantOfCount(value);
}

function status(value: unknown, known: readonly string[]): string | undefined {
  if (!known.includes("start")) return undefined;
  switch (String(value).toLowerCase()) {
    case "draft":
      return known.includes("tasks") ? 'Write start: "draft".' : undefined;
    case "scheduled":
      return 'Write start: "at_time" and start_at with the time.';
    case "sent":
      return 'Write start: "now".';
    default:
      return known.includes("tasks") ? 'Write start: "draft", "now" or "at_time".' : 'Write start: "now" or "at_time".';
  }
}

function toTasks(value: unknown): string {
  const given = Array.isArray(value) ? value : [value];
  const [first, ...more] = given.filter((number) => typeof number === "string" && number.length <= longestShown);
  if (first === undefined) return "[{ to_number }], one entry for each number";
  return `[{ "to_number": ${JSON.stringify(first)} }${more.length > 0 ? ", …" : ""}], one entry for each number`;
}

function toNumbers(value: unknown): string {
  const given = (Array.isArray(value) ? value : [value]).filter((number) => textOf(number) !== undefined);
  if (given.length === 0) return "a list of numbers, each text in quotes";
  return `[${JSON.stringify(given[0])}${given.length > 1 ? ", …" : ""}]`;
}

function toColumn(value: unknown): string {
  return `{ "to_number": ${textOf(value) ?? "the name of the column"} }`;
}
