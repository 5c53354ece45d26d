import type { Route } from "./routes.ts";

/** Where a voice-agent platform sends notices of its calls. The service has it only while its carrier is such a platform. */
export const noticesRoute: Route<"/carrier/notices"> = {
  method: "POST",
  pattern: "/carrier/notices",
  isExtension: true,
};
