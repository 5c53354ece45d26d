export { serve, work } from "./serve.ts";
export { type RunningService, startService } from "./service.ts";
