"use strict";

// Of Node and not of a shell: `npm ci` builds on Windows too.
require("node:fs").rmSync(require("node:path").join(__dirname, "..", "dist"), { recursive: true, force: true });
