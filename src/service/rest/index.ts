export { createApp, type RehearsalReporter } from "./app.ts";
export { createMetrics } from "./metrics.ts";
export { countQueue } from "./queue-figures.ts";
