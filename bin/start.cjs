"use strict";

/*
 * Loads the built program (dist/) together with what V8 compiled of it in an earlier run, which halves the start. That is kept in the
 * user's own cache directory, in a folder that nobody else can write to, and may be removed at any time. `NODE_DISABLE_COMPILE_CACHE=1`,
 * which is Node's own switch, does without. docs/decisions/0053-a-quick-start.md says why it is done here.
 */
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const dist = path.join(__dirname, "..", "dist");
/** A start is over by then, and what it needed is compiled. */
const keepAfterMs = 3000;
/** Folders of builds and Nodes that nobody used for so long are removed. */
const staleAfterMs = 30 * 24 * 60 * 60_000;

const buildFile = path.join(dist, "build.json");
const fromNode = Module.createRequire(path.join(dist, "main.cjs"));
const loaded = new Map();
/** Scripts that were compiled from their text: the next start can be quicker by these. */
const fresh = [];
let cache;

try {
  cache = findCache(JSON.parse(fs.readFileSync(buildFile, "utf8")).id);
  load("main.cjs");
  if (cache && fresh.length > 0) setTimeout(keepCompiled, keepAfterMs).unref();
} catch (error) {
  if (error && error.code === "ENOENT" && error.path === buildFile)
    process.stderr.write("batch-call-mcp is not built. Run `npm ci` (or `npm run build`) in its folder first.\n");
  else process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
}

/** A file of dist/ by its name, as `require` does it. */
function load(name) {
  const known = loaded.get(name);
  if (known) return known.exports;
  const filename = path.join(dist, name);
  const module = { exports: {}, id: filename, filename, loaded: false };
  const run = compile(name, filename);
  loaded.set(name, module);
  run.call(module.exports, module.exports, requireFile, module, filename, dist);
  module.loaded = true;
  return module.exports;
}

function requireFile(id) {
  return id.startsWith("./") ? load(id.slice(2)) : fromNode(id);
}

function compile(name, filename) {
  const text = fs.readFileSync(filename, "utf8");
  const cachedData = cache && readCompiled(name);
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename,
    cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (cachedData === undefined || script.cachedDataRejected) fresh.push({ name, script });
  return script.runInThisContext();
}

/** V8 itself refuses what another version of it made, or one with other flags. */
function readCompiled(name) {
  try {
    return fs.readFileSync(path.join(cache, name));
  } catch {
    return undefined;
  }
}

/** Where compiled code is kept; undefined where that is not wanted or no place is the user's alone. */
function findCache(build) {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const base = cacheBase();
  if (base === undefined) return undefined;
  const folder = path.join(base, "batch-call-mcp");
  const compiled = path.join(folder, `${build}-${process.version}-${process.arch}`);
  return mayTrust(folder) && mayTrust(compiled) ? compiled : undefined;
}

function cacheBase() {
  const { env, platform } = process;
  const given = platform === "win32" ? env.LOCALAPPDATA : env.XDG_CACHE_HOME;
  if (given && path.isAbsolute(given)) return given;
  const home = platform === "win32" ? env.USERPROFILE : env.HOME;
  if (!home || !path.isAbsolute(home)) return undefined;
  if (platform === "win32") return path.join(home, "AppData", "Local");
  return platform === "darwin" ? path.join(home, "Library", "Caches") : path.join(home, ".cache");
}

/** Whoever can write compiled code runs as this user: a folder that is there must be theirs, and theirs alone to write. */
function mayTrust(folder) {
  try {
    const found = fs.lstatSync(folder);
    if (!found.isDirectory()) return false;
    return process.platform === "win32" || (found.uid === process.getuid() && (found.mode & 0o022) === 0);
  } catch (error) {
    return error.code === "ENOENT";
  }
}

/** Whole or not at all: what a crash leaves behind is never read. A place that cannot be written to is no trouble. */
function keepCompiled() {
  try {
    fs.mkdirSync(cache, { recursive: true, mode: 0o700 });
    if (!mayTrust(path.dirname(cache)) || !mayTrust(cache)) return;
    for (const { name, script } of fresh.splice(0)) {
      const part = path.join(cache, `${name}.${process.pid}.part`);
      fs.writeFileSync(part, script.createCachedData(), { mode: 0o600, flag: "wx", flush: true });
      fs.renameSync(part, path.join(cache, name));
    }
    removeStale();
  } catch {
    // The next start compiles again.
  }
}

function removeStale() {
  const now = Date.now();
  for (const each of [path.dirname(cache), cache]) {
    for (const name of fs.readdirSync(each)) {
      const found = path.join(each, name);
      if (found !== cache && now - fs.statSync(found).mtimeMs > staleAfterMs) fs.rmSync(found, { recursive: true });
    }
  }
}
