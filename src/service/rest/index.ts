export { createApp, createMonitorApp } from "./app.ts";
export { createInProcessDoor } from "./in-process.ts";
export { countQueue, createMetrics, type Metrics } from "./metrics.ts";
export type { RehearsalReporter } from "./routes/service.ts";
