// Loaded into a process before its own code, with --expose-gc: each SIGUSR2 writes what memory it holds after a collection.
const { renameSync, writeFileSync } = require("node:fs");

const target = `${process.env.MEMORY_FILE}.${process.pid}`;
process.on("SIGUSR2", () => {
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    writeFileSync(`${target}.part`, JSON.stringify(process.memoryUsage()));
    renameSync(`${target}.part`, target);
  });
});
