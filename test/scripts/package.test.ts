import { execFileSync } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { bundledPackages, installedPackages } from "../../scripts/licence-page.ts";
import { repositoryUrl } from "../../scripts/package-facts.ts";
import { pickPackages } from "../../scripts/pick-packages.ts";
import { settingRows } from "../../src/config/setting-rows.ts";
import { root } from "../support/process/spawn.ts";

const read = (path: string) => readFile(join(root, path), "utf8");
const facts = JSON.parse(await read("package.json"));

/** The paths that `npm publish` would send. */
function packedPaths(): ReadonlySet<string> {
  const told = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline"], {
    cwd: root,
    encoding: "utf8",
  });
  const [packed] = z.array(z.object({ files: z.array(z.object({ path: z.string() })) })).parse(JSON.parse(told));
  return new Set(packed?.files.map(({ path }) => path));
}

type Link = { readonly page: string; readonly path: string; readonly anchor?: string };

async function linksOf(page: string): Promise<readonly Link[]> {
  const text = (await read(page)).replaceAll(/```[\s\S]*?```/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
    const [file = "", anchor] = target.split("#");
    if (/^[a-z]+:/.test(target)) return [];
    const path = file === "" ? page : normalize(join(dirname(page), file)).replace(/\/$/, "");
    return [{ page, path, ...(anchor !== undefined && { anchor }) }];
  });
}

/** The names by which GitHub finds the places of a page. */
async function anchorsOf(page: string): Promise<ReadonlySet<string>> {
  const text = (await read(page)).replaceAll(/```[\s\S]*?```/g, "");
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id = ""]) => id)]);
}

const pages = [
  ...(await readdir(root)).filter((name) => name.endsWith(".md")),
  ...(await readdir(join(root, "docs"), { recursive: true }))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The paths of the repository that a page leads to by its whole address. */
async function repositoryPathsOf(page: string): Promise<readonly string[]> {
  const start = `](${repositoryUrl}/`;
  return (await read(page))
    .split(start)
    .slice(1)
    .flatMap((rest) => /^(?:blob|tree)\/main\/([^)#]+)/.exec(rest)?.[1] ?? []);
}

describe("the pages", () => {
  it.each(pages)("%s leads to places that there are", async (page) => {
    for (const { path, anchor } of await linksOf(page)) {
      await expect(stat(join(root, path)), `${page}: ${path}`).resolves.toBeDefined();
      if (anchor !== undefined && path.endsWith(".md"))
        expect([path, [...(await anchorsOf(path))]]).toEqual([path, expect.arrayContaining([anchor])]);
    }
    for (const path of await repositoryPathsOf(page))
      await expect(stat(join(root, path)), `${page}: ${path}`).resolves.toBeDefined();
  });

  it("that are in the package lead to files of it, or to the repository; keys and tests are not in it", async () => {
    const packed = packedPaths();
    const missing = (await linksOf("README.md")).map(({ path }) => path).filter((path) => !packed.has(path));
    expect(missing).toEqual([]);
    const links = await Promise.all([...packed].filter((name) => name.endsWith(".md")).map(linksOf));
    const folders = new Set([...packed].map((path) => dirname(path)));
    const dead = links.flat().filter(({ path }) => !packed.has(path) && !folders.has(path));
    expect(dead.map(({ page, path }) => `${page}: ${path}`)).toEqual([]);
    expect([...packed].filter((path) => /^(test|src|scripts|build)\/|\.env|\.sqlite/.test(path))).toEqual([]);
  });

  it("of the README are read in two minutes", async () => {
    const text = (await read("README.md")).replaceAll(/\]\([^)]*\)/g, "]");
    expect(text.split(/\s+/).length).toBeLessThan(900);
  });
});

// What the schema of 2025-12-11 demands (registry, docs/reference/server-json/server.schema.json), as far as our file uses it.
const description = z.string().min(1).max(100);
const specificVersion = z
  .string()
  .max(255)
  .regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
const serverJson = z.strictObject({
  $schema: z.literal("https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: description,
  description,
  version: specificVersion,
  websiteUrl: z.url(),
  repository: z.strictObject({ url: z.url(), source: z.string() }),
  packages: z.array(
    z.strictObject({
      registryType: z.literal("npm"),
      registryBaseUrl: z.literal("https://registry.npmjs.org"),
      identifier: z.string(),
      version: specificVersion,
      runtimeHint: z.literal("npx"),
      transport: z.strictObject({ type: z.literal("stdio") }),
      environmentVariables: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string(),
          isRequired: z.boolean(),
          isSecret: z.boolean(),
          format: z.enum(["string", "number", "boolean", "filepath"]).optional(),
        }),
      ),
    }),
  ),
});

describe("server.json, by which the registry of MCP knows the server", () => {
  it("fits the schema, and names package, version and settings as they are", async () => {
    const server = serverJson.parse(JSON.parse(await read("server.json")));
    expect([server.name, server.version]).toEqual([facts.mcpName, facts.version]);
    const [npm] = server.packages;
    expect([npm?.identifier, npm?.version]).toEqual([facts.name, facts.version]);
    const secrets = npm?.environmentVariables.filter(({ isSecret }) => isSecret).map(({ name }) => name);
    expect(secrets).toEqual(["BATCH_CALL_API_KEY", "BATCH_CALL_API_SECRET"]);
    expect(npm?.environmentVariables.map(({ name }) => name)).toEqual(
      settingRows.filter((row) => row.asked).map(({ name }) => name),
    );
    expect(facts.repository.url).toBe(`git+${server.repository.url}.git`);
  });
});

it("every dependency has one exact version, and the lock the digest of what was installed", async () => {
  const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
  const named = Object.entries<string>({ ...facts.optionalDependencies, ...facts.devDependencies });
  expect(named.filter(([, version]) => !exact.test(version))).toEqual([]);
  const packages = Object.entries<Record<string, string>>(JSON.parse(await read("package-lock.json")).packages);
  const bare = packages.filter(([path, { integrity, inBundle }]) => path !== "" && !integrity && !inBundle);
  expect(bare.map(([path]) => path)).toEqual([]);
});

it("what comes with it may be used, changed and passed on", () => {
  const terms =
    /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|Unlicense|PSF-2\.0|BlueOak-1\.0\.0|\(ISC AND CC-BY-3\.0\))$/;
  expect(bundledPackages().length).toBeGreaterThan(30);
  expect(installedPackages().length).toBe(3);
  expect([...bundledPackages(), ...installedPackages()].filter(({ licence }) => !terms.test(licence))).toEqual([]);
});

describe("what is told of its parts", () => {
  const named = ({ name, version }: { readonly name: string; readonly version: string }) => `${name} ${version}`;

  it("are the libraries whose licences are in dist, on the page too", async () => {
    const licenses = await read("dist/THIRD-PARTY-LICENSES.txt");
    const texts = licenses.split(`\n${"-".repeat(72)}\n\n`).map((text) => text.split("\n")[0]);
    expect(bundledPackages().map(named)).toEqual(texts);
    const page = await read("docs/licences.md");
    for (const { name, version, licence } of [...bundledPackages(), ...installedPackages()])
      expect(page).toContain(`| ${name} | ${version} | ${licence} |`);
  });

  it("are in the CycloneDX document of a release, bundled or beside it, and nothing else is", () => {
    const whole = execFileSync("npm", ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx", "--offline"], {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    const { metadata, components, dependencies } = pickPackages(JSON.parse(whole));
    const byScope = (scope: string) => components.filter((each) => each["scope"] === scope).map(named);
    expect(byScope("required").sort()).toEqual(bundledPackages().map(named).sort());
    expect(byScope("optional").sort()).toEqual(installedPackages().map(named).sort());
    for (const each of components) expect(each["hashes"]).toEqual([expect.objectContaining({ alg: "SHA-512" })]);
    expect(JSON.stringify(components)).not.toContain("cdx:npm:package:development");
    expect(metadata.component.name).toBe(facts.name);
    const refs = components.map((each) => each["bom-ref"]).sort();
    expect(dependencies[0]?.dependsOn.toSorted()).toEqual(refs);
    expect(
      dependencies
        .slice(1)
        .map(({ ref }) => ref)
        .sort(),
    ).toEqual(refs);
  });

  it("are all in npm's list, or there is no document", () => {
    const [component] = [{ "bom-ref": "one@1.0.0", name: "one", version: "1.0.0" }];
    expect(() => pickPackages({ metadata: { component }, components: [component], dependencies: [] })).toThrow(/zod@/);
  });
});

it("package.json says whose it is, and the lock names no registry", async () => {
  expect(facts).toMatchObject({
    author: expect.any(String),
    homepage: expect.stringMatching(/^https:/),
    bugs: { url: expect.stringMatching(/^https:/) },
    mcpName: expect.stringMatching(/^io\.github\.[a-z-]+\/batch-call-mcp$/),
  });
  const lock = z
    .object({ packages: z.record(z.string(), z.object({ resolved: z.string().optional() }).loose()) })
    .parse(JSON.parse(await read("package-lock.json")));
  expect(Object.values(lock.packages).flatMap(({ resolved }) => resolved ?? [])).toEqual([]);
});

describe("what is installed", () => {
  it("is the program with its libraries in it, and SQLite for a Node that has none: four packages at most", async () => {
    const lock = z
      .object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() }).loose()) })
      .parse(JSON.parse(await read("package-lock.json")));
    expect(facts.dependencies).toBeUndefined();
    expect(Object.keys(facts.optionalDependencies)).toEqual(["@photostructure/sqlite"]);
    const optional = new Set(Object.keys(facts.peerDependenciesMeta));
    expect([...optional].sort()).toEqual(Object.keys(facts.peerDependencies).sort());
    const installed = Object.entries(lock.packages).filter(([, { dev, devOptional }]) => !dev && !devOptional);
    expect(installed.map(([path]) => path)).toEqual([
      "",
      "node_modules/@photostructure/sqlite",
      "node_modules/node-addon-api",
      "node_modules/node-gyp-build",
    ]);
  });

  it("has the licence of every library that is in it", async () => {
    const licenses = await read("dist/THIRD-PARTY-LICENSES.txt");
    const parts = licenses.split(`\n${"-".repeat(72)}\n\n`);
    const named = new Map(parts.map((part) => [/^(\S+) \d/.exec(part)?.[1], part]));
    const folders = await Promise.all(
      ["src", "view"].map(async (folder) =>
        (await readdir(join(root, folder), { recursive: true }))
          .filter((name) => /\.tsx?$/.test(name))
          .map((name) => `${folder}/${name}`),
      ),
    );
    const texts = await Promise.all(folders.flat().map(read));
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/^(?:import|export)(?! type)[^;]*?from "((?:@[a-z-]+\/)?[a-z][a-z-]*)[/"]/gm)].map(
        ([, name = ""]) => name,
      ),
    );
    const libraries = new Set([...imported, "date-holidays"].filter((name) => name !== "node"));
    expect(libraries.size).toBeGreaterThan(12);
    for (const name of libraries) expect([name, named.get(name)?.length]).toEqual([name, expect.any(Number)]);
    for (const [name, part] of named)
      expect([name, part]).toEqual([expect.any(String), expect.stringMatching(/licen[cs]e|copyright/i)]);
  });
});

describe("the workflows", () => {
  it("run the gate, and publish with provenance only after it, from a tag of the package's version", async () => {
    const [ci, release] = [await read(".github/workflows/ci.yml"), await read(".github/workflows/release.yml")];
    const { parse } = await import("yaml");
    const { jobs } = parse(release);
    for (const text of [ci, release]) expect(parse(text).jobs.verify.steps).toContainEqual({ run: ".ci/run" });
    expect(jobs.publish).toMatchObject({ needs: "verify", permissions: { "id-token": "write" } });
    const runs: string[] = jobs.publish.steps.flatMap(({ run }: { run?: string }) => run ?? []);
    expect(runs.some((run) => /^npm publish --provenance/.test(run))).toBe(true);
    for (const script of runs.flatMap((run) => /^npm run (\S+)/.exec(run)?.[1] ?? []))
      expect(facts.scripts).toHaveProperty(script);
    expect(runs[0]).toContain("GITHUB_REF_NAME");
  });
});
