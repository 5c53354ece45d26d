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
const bundled = z.array(z.strictObject({ name: z.string(), version: z.string(), licence: z.string() }));

/** A package whose work comes with ours; its licence in SPDX. */
export type ComingPackage = z.infer<typeof bundled>[number];

/** Those whose code is in dist/, as the last `npm run build` found them. Throws where nothing was built. */
export function bundledPackages(): readonly ComingPackage[] {
  return bundled.parse(JSON.parse(readFileSync(join(root, "dist", "bundled-packages.json"), "utf8")));
}

/** Those that npm installs beside it, as package-lock.json has them; those that a user adds for PostgreSQL (`pg`, `pg-boss`) are theirs to choose. */
export function installedPackages(): readonly ComingPackage[] {
  const { packages } = lock.parse(JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")));
  const found = Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional)
    .map(([path, { version, license }]) => ({
      name: path.replace(/^.*node_modules\//, ""),
      version: version ?? "",
      licence: license ?? "",
    }));
  return found.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}

export function licencePage(): string {
  return `# Licences

This program is under the MIT licence. What comes with it of others is under licences that allow use, change and passing on with their notices, which are in
\`dist/THIRD-PARTY-LICENSES.txt\`. A release has both lists as one CycloneDX document too (\`npm run sbom\`).

## In the program

The libraries that the bundle in \`dist/\` is made of, as its build found them.

${tableOf(bundledPackages())}
## Installed beside it

Optional: only a Node without SQLite of its own needs them (\`--omit=optional\` leaves them out on Node 22.13 or newer). As package-lock.json has them.

${tableOf(installedPackages())}`;
}

function tableOf(packages: readonly ComingPackage[]): string {
  const rows = packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  return `| package | version | licence (SPDX) |\n|---|---|---|\n${rows.join("\n")}\n`;
}
