import { settingRows } from "../src/config/setting-rows.ts";
import { packageFacts, repositoryUrl, withoutMarks } from "./package-facts.ts";

/** What the MCP registry knows of the server (schema 2025-12-11): the npm package, over stdio, and the settings that a client asks for. */
export function serverJson(): object {
  const { mcpName, name, version, homepage } = packageFacts;
  const environmentVariables = settingRows.flatMap(({ name: variable, about, asked }) => {
    if (!asked) return [];
    const { kind } = asked;
    const format = kind === "directory" ? { format: "filepath" } : {};
    return [
      { name: variable, description: withoutMarks(about), isRequired: false, isSecret: kind === "secret", ...format },
    ];
  });
  return {
    $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    name: mcpName,
    title: "Batch Call",
    description: "Preview, launch with a person's agreement, watch, pause and export batch phone calls.",
    version,
    websiteUrl: homepage,
    repository: { url: repositoryUrl, source: "github" },
    packages: [
      {
        registryType: "npm",
        registryBaseUrl: "https://registry.npmjs.org",
        identifier: name,
        version,
        runtimeHint: "npx",
        transport: { type: "stdio" },
        environmentVariables,
      },
    ],
  };
}
