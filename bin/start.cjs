"use strict";

import("../dist/main.js").catch((error) => {
  if (error && error.code === "ERR_MODULE_NOT_FOUND" && String(error.message).includes("main.js")) {
    process.stderr.write("batch-call-mcp is not built. Run `npm ci` (or `npm run build`) in its folder first.\n");
  } else {
    process.stderr.write(`${error?.stack ?? error}\n`);
  }
  process.exit(1);
});
