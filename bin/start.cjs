"use strict";

/* Loads the built program (dist/) together with what V8 compiled of it in an earlier run, which halves the time it takes to load. */
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");
const { findCache, keepCompiled } = require("./compiled-code.cjs");

const dist = path.join(__dirname, "..", "dist");
/** A start is over by then, and what it needed is compiled. */
const startedAfterMs = 3000;

const buildFile = path.join(dist, "build.json");
const fromNode = Module.createRequire(path.join(dist, "main.cjs"));
const loaded = new Map();
/** Scripts that were compiled from their text: the next start can be quicker by these. */
const fresh = [];
let cache;

/*
 * Code that is loaded stays, and V8 takes that for a need of room for new objects: 32 MB, which it would keep. While loading
 * it gets no more than it began with, and afterwards what it needs (its own factor is 2).
 */
v8.setFlagsFromString("--semi-space-growth-factor=1");

try {
  cache = findCache(JSON.parse(fs.readFileSync(buildFile, "utf8")).id);
  load("main.cjs");
  setTimeout(endStart, startedAfterMs).unref();
} catch (error) {
  if (error && error.code === "ENOENT" && error.path === buildFile)
    process.stderr.write("batch-call-mcp is not built. Run `npm ci` (or `npm run build`) in its folder first.\n");
  else process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
}

function endStart() {
  v8.setFlagsFromString("--semi-space-growth-factor=2");
  if (cache) keepCompiled(cache, fresh.splice(0));
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
