export { createApp } from "./app.ts";
export { countQueue, createMetrics } from "./metrics.ts";
export type { RehearsalReporter } from "./routes/service.ts";
