import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { root } from "../test/support/process/spawn.ts";

const lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
});

/** A package that is installed with ours. */
type RuntimePackage = { readonly name: string; readonly version: string; readonly licence: string };

/** As package-lock.json has them; those that a user adds for PostgreSQL (`pg`, `pg-boss`) are theirs to choose. */
export function runtimePackages(): readonly RuntimePackage[] {
  const { packages } = lock.parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")));
  const found = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional)
    .map(([path, { version, license }]) => ({
      name: path.replace(/^.*node_modules\//, ""),
      version: version ?? "",
      licence: license ?? "",
    }));
  const texts = new Map(found.map((one) => [`${one.name} ${one.version}`, one]));
  return [...texts.values()].toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}

export function licencePage(): string {
  const rows = runtimePackages().map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  return `# Licences

The packages that are installed with this one, as package-lock.json has them; this program is under the MIT licence. Each is under a licence that allows use, change and passing on
with its notice. A release has the list as a CycloneDX document too (\`npm sbom --omit dev --sbom-format cyclonedx\`).

| package | version | licence (SPDX) |
|---|---|---|
${rows.join("\n")}
`;
}
