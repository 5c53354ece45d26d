import { type Feature, features } from "./features.ts";
import { openScene, type Way, ways } from "./scene.ts";

const heads: Readonly<Record<Way, string>> = {
  simulated: "the simulation",
  hosted: "our queue before the hosted API",
  direct: "the hosted API by itself",
};

const place = /(<!-- features -->\n)[\s\S]*?(<!-- \/features -->)/;

/** The table that stands in a text, between its marks. */
export function readTable(text: string): string {
  const [all = "", start = "", end = ""] = place.exec(text) ?? [];
  return all.slice(start.length, all.length - end.length);
}

export function withTable(text: string, table: string): string {
  if (!place.test(text)) throw new Error("There is no place for the table of features.");
  return text.replace(place, (_all, start: string, end: string) => `${start}${table}${end}`);
}

/** Tries every feature every way; `print` hears why one does not hold. Rejects where the words for it are not what the run shows. */
export async function fillTable(print: (line: string) => void = () => {}): Promise<string> {
  const rows: string[] = [];
  const wrong: string[] = [];
  for (const feature of features) {
    const cells: string[] = [];
    for (const way of ways) cells.push(await cellOf(feature, way, { wrong, print }));
    rows.push(`| ${feature.name} | ${cells.join(" | ")} |`);
  }
  if (wrong.length > 0) throw new Error(`The words for these are not what the run shows:\n${wrong.join("\n")}`);
  const head = ways.map((way) => heads[way]);
  return `| | ${head.join(" | ")} |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

type Notes = { readonly wrong: string[]; readonly print: (line: string) => void };

async function cellOf(feature: Feature, way: Way, { wrong, print }: Notes): Promise<string> {
  const { name, told = [], why, but } = feature;
  const { error, body } = await tryIt(feature, way);
  if (error === undefined) {
    if (why?.[way]) wrong.push(`${name}, ${way}: it holds.`);
    return but?.[way] ? `yes; ${but[way]}` : "yes";
  }
  const said = error instanceof Error ? error.message : String(error);
  print(`${name}, ${way}: ${said.replace(/\s+/g, " ").slice(0, 240)}`);
  if (why?.[way]) return `no: ${why[way]}`;
  if (way === "direct" && told.length > 0 && told.every((field) => field in body)) return "the API's to do: it is told";
  wrong.push(`${name}, ${way}: ${said}`);
  return "";
}

async function tryIt(feature: Feature, way: Way): Promise<{ readonly error?: unknown; readonly body: object }> {
  const scene = await openScene(way, feature.service);
  try {
    const error = await feature.holds(scene).then(
      () => undefined,
      (problem: unknown) => problem ?? new Error("rejected"),
    );
    const body = scene.sentToApi().at(-1);
    return { error, body: typeof body === "object" && body !== null ? body : {} };
  } finally {
    await scene.close();
  }
}
