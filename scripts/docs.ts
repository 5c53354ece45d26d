/** Writes the generated parts of the documentation; with `--check` fails when they are not current. */

import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";
import { settingRows } from "../src/config/setting-rows.ts";
import { counted } from "../src/domain/text.ts";
import { selectPrompts } from "../src/prompts/index.ts";
import { selectResources } from "../src/resources/index.ts";
import { buildOpenApi } from "../src/service/rest/app.ts";
import { tools } from "../src/tools/index.ts";
import type { Tool } from "../src/tools/tool.ts";
import { installPage, installTable } from "./install-page.ts";
import { licencePage } from "./licence-page.ts";
import { serverJson } from "./server-json.ts";

const root = new URL("../../", import.meta.url);
const check = process.argv.includes("--check");
let stale = 0;

async function put(path: string, wanted: string): Promise<void> {
  const url = new URL(path, root);
  const found = await readFile(url, "utf8").catch(() => "");
  if (found === wanted) return;
  stale++;
  if (check) console.error(`${path} is not current; run \`npm run docs\`.`);
  else await writeFile(url, wanted);
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
async function putSection(path: string, name: string, wanted: string): Promise<void> {
  const text = await readFile(new URL(path, root), "utf8");
  const pattern = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`${path} has no section ${name}`);
  await put(
    path,
    text.replace(pattern, (_all, start: string, end: string) => `${start}${wanted}${end}`),
  );
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function settingsTable(): string {
  const rows = settingRows.map(
    ({ name, shownDefault, about }) => `| \`${name}\` | ${cell(shownDefault)} | ${cell(about)} |`,
  );
  return `| setting | default | what it does |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function toolsTable(): string {
  const rows = tools.map(
    (tool) => `| [\`${tool.name}\`](#${tool.name}) | ${cell(tool.title)} | ${tool.effect.replaceAll("_", " ")} |`,
  );
  return `| tool | what it does | effect |\n|---|---|---|\n${rows.join("\n")}\n`;
}

type Property = { type?: string; enum?: unknown[]; description?: string };
const objectSchema = z.looseObject({
  properties: z.record(z.string(), z.custom<Property>()).default({}),
  required: z.array(z.string()).default([]),
});

function toolSection(tool: Tool): string {
  const { properties, required } = objectSchema.parse(z.toJSONSchema(tool.input, { io: "input" }));
  const rows = Object.entries(properties).map(([name, { type, enum: values, description }]) => {
    const kind = values ? values.map((value) => `\`${value}\``).join(", ") : (type ?? "");
    return `| \`${name}\` | ${kind} | ${required.includes(name) ? "yes" : ""} | ${cell(description ?? "")} |`;
  });
  return `## ${tool.name}\n\n**${tool.title}** (${tool.effect.replaceAll("_", " ")})\n\n${tool.description}\n\n| argument | type | required | |\n|---|---|---|---|\n${rows.join("\n")}\n`;
}

const everything = { isReadOnly: false };

function resourcesTable(): string {
  const rows = selectResources(everything).map(
    ({ uriTemplate, description, mimeType }) => `| \`${uriTemplate}\` | ${mimeType} | ${cell(description)} |`,
  );
  return `## Resources\n\n| address | type | |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function promptsTable(): string {
  const rows = selectPrompts(everything).map(({ name, arguments: named, description }) => {
    const given = named.map((argument) => `\`${argument.name}\`${argument.isRequired ? "" : " (may be left out)"}`);
    return `| \`${name}\` | ${given.join(", ")} | ${cell(description)} |`;
  });
  return `## Prompts\n\n| prompt | arguments | |\n|---|---|---|\n${rows.join("\n")}\n`;
}

const sections = [...tools.map(toolSection), resourcesTable(), promptsTable()];
await put(
  "docs/tools.md",
  `# Tools, resources and prompts\n\nMade by \`npm run docs\` from \`src/tools/\`, \`src/resources/\` and \`src/prompts/\`.\n\n${toolsTable()}\n${sections.join("\n")}`,
);
await put("docs/openapi.json", `${JSON.stringify(buildOpenApi(), null, 2)}\n`);
await put("docs/install.md", installPage());
await put("docs/licences.md", licencePage());
await put("server.json", `${JSON.stringify(serverJson(), null, 2)}\n`);
await putSection("docs/operating.md", "settings", settingsTable());
await putSection("README.md", "install", installTable());
if (check && stale > 0) process.exit(1);
console.log(check ? "generated docs are current" : `${counted(stale, "file")} written`);
