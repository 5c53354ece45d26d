export { createWebhooks, endpointOf } from "./webhooks.ts";
