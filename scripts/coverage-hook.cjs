// Loaded into a server before its own code: each SIGUSR2 writes the files whose functions ran since the one before.
const { Session } = require("node:inspector");
const { renameSync, writeFileSync } = require("node:fs");

const target = process.env.RAN_MODULES_FILE;
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
process.on("SIGUSR2", () => {
  session.post("Profiler.takePreciseCoverage", (error, { result }) => {
    if (error) throw error;
    const ran = result.filter(({ functions }) => functions.some(({ ranges }) => ranges.some(({ count }) => count > 0)));
    writeFileSync(`${target}.part`, JSON.stringify(ran.map(({ url }) => url)));
    renameSync(`${target}.part`, target);
  });
});
