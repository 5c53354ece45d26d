#!/usr/bin/env node
// Old syntax on purpose: an old Node must get as far as the sentence below.
"use strict";

var floor = [20, 18, 1];
var found = process.versions.node.split(".").map(Number);

function isOlder(version, than) {
  var i;
  for (i = 0; i < than.length; i++) {
    if (version[i] !== than[i]) return version[i] < than[i];
  }
  return false;
}

if (isOlder(found, floor)) {
  process.stderr.write(
    "batch-call-mcp needs Node " +
      floor.join(".") +
      " or newer; this is Node " +
      process.versions.node +
      " (" +
      process.execPath +
      ").\nInstall a current Node from https://nodejs.org, or give the full path of a newer one as the command.\n",
  );
  process.exit(1);
} else {
  require("./start.cjs");
}
