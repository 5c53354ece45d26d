export { serve } from "./serve.ts";
export { type RunningService, startService } from "./service.ts";
