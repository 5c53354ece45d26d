"use strict";

/*
 * Where what V8 compiled of dist/ is kept from one start to the next: in the user's own cache directory, in a folder that nobody else
 * can write to. It may be removed at any time. docs/decisions/0053-a-quick-start.md says why it is done here and not by Node.
 */
const fs = require("node:fs");
const path = require("node:path");

/** Folders of builds and Nodes that nobody used for so long are removed. */
const staleAfterMs = 30 * 24 * 60 * 60_000;

module.exports = { findCache, keepCompiled };

/** The folder for that build; undefined where that is not wanted (Node's own switch) or no place is the user's alone. */
function findCache(build, env = process.env) {
  if (env.NODE_DISABLE_COMPILE_CACHE) return undefined;
  const base = cacheBase(env);
  if (base === undefined) return undefined;
  const folder = path.join(base, "batch-call-mcp");
  const compiled = path.join(folder, `${build}-${process.version}-${process.arch}`);
  return mayTrust(folder) && mayTrust(compiled) ? compiled : undefined;
}

function cacheBase(env) {
  const { platform } = process;
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
function keepCompiled(cache, scripts) {
  if (scripts.length === 0) return;
  try {
    fs.mkdirSync(cache, { recursive: true, mode: 0o700 });
    if (!mayTrust(path.dirname(cache)) || !mayTrust(cache)) return;
    for (const { name, script } of scripts) {
      const part = path.join(cache, `${name}.${process.pid}.part`);
      fs.writeFileSync(part, script.createCachedData(), { mode: 0o600, flag: "wx", flush: true });
      fs.renameSync(part, path.join(cache, name));
    }
    removeStale(cache);
  } catch {
    // The next start compiles again.
  }
}

function removeStale(cache) {
  const now = Date.now();
  for (const each of [path.dirname(cache), cache]) {
    for (const name of fs.readdirSync(each)) {
      const found = path.join(each, name);
      if (found !== cache && now - fs.statSync(found).mtimeMs > staleAfterMs) fs.rmSync(found, { recursive: true });
    }
  }
}
