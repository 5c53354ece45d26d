export { createApp, type RehearsalReporter } from "./app.ts";
export { type HttpServer, listen } from "./http-server.ts";
export { createMetrics } from "./metrics.ts";
export { countQueue } from "./queue-figures.ts";
