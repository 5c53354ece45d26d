import { settingRows } from "../src/config/setting-rows.ts";
import { tools } from "../src/tools/index.ts";
import { packageFacts, repositoryUrl, withoutMarks } from "./package-facts.ts";

/** From this release on Node has SQLite in it without a flag (nodejs.org, changelog of 22.13.0). */
export const leastNodeOfBundle = [22, 13, 0] as const;

/**
 * manifest.json of the bundle. 0.3 is the version whose documents cover programs for Node (github.com/modelcontextprotocol/mcpb,
 * read in November 2026; 0.4 adds a kind for Python).
 */
export function bundleManifest(): object {
  const { name, version, description, author, license, keywords, homepage, bugs } = packageFacts;
  const asked = settingRows.flatMap(({ name: variable, about, asked }) =>
    asked ? [{ key: variable.replace(/^BATCH_CALL_/, "").toLowerCase(), variable, about, asked }] : [],
  );
  return {
    manifest_version: "0.3",
    name,
    display_name: "Batch Call",
    version,
    description,
    long_description:
      "Your assistant calls a whole list of people: it checks the list, shows what would happen, starts once a person agreed, and hands back what everybody said. Without an API key every call is simulated.",
    author: { name: author, url: homepage },
    repository: { type: "git", url: repositoryUrl },
    homepage,
    documentation: homepage,
    support: bugs.url,
    license,
    keywords,
    privacy_policies: [`${repositoryUrl}/blob/main/docs/safety.md#privacy`],
    server: {
      type: "node",
      entry_point: `bin/${name}.cjs`,
      mcp_config: {
        command: "node",
        args: [`\${__dirname}/bin/${name}.cjs`],
        env: Object.fromEntries(asked.map(({ key, variable }) => [variable, `\${user_config.${key}}`])),
      },
    },
    tools: tools.map((tool) => ({ name: tool.name, description: tool.title })),
    tools_generated: true,
    prompts_generated: true,
    compatibility: {
      platforms: ["darwin", "win32", "linux"],
      runtimes: { node: `>=${leastNodeOfBundle.join(".")}` },
    },
    user_config: Object.fromEntries(
      asked.map(({ key, about, asked: { title, kind } }) => [
        key,
        {
          type: kind === "directory" ? "directory" : "string",
          title,
          description: withoutMarks(about),
          required: false,
          ...(kind === "secret" && { sensitive: true }),
        },
      ]),
    ),
  };
}
