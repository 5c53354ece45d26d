/**
 * Writes build/batch-call-mcp.cdx.json, the CycloneDX document of what comes with the package: the libraries that dist/ is made of, and what
 * is installed beside it. npm knows the former as tools of development only, so that its own list without those would be all but empty.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../test/support/process/spawn.ts";
import { parseOptions } from "./parse-options.ts";
import { pickPackages } from "./pick-packages.ts";

parseOptions({ options: {} });
const whole = execFileSync("npm", ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
});
const picked = pickPackages(JSON.parse(whole));
const file = join(root, "build", "batch-call-mcp.cdx.json");
writeFileSync(file, `${JSON.stringify(picked, undefined, 2)}\n`);
console.log(`${file}: ${picked.components.length} packages`);
