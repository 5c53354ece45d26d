import type { PlatformName } from "../carriers/platform-world.ts";
import { elevenlabsExcerpt, elevenlabsNewer } from "./elevenlabs-excerpt.ts";
import { retellExcerpt, retellNewer } from "./retell-excerpt.ts";
import { telnyxExcerpt, telnyxNewer } from "./telnyx-excerpt.ts";
import { twilioExcerpt, twilioNewer } from "./twilio-excerpt.ts";
import { vapiExcerpt, vapiNewer } from "./vapi-excerpt.ts";

/** Of each platform: the excerpt of its API document that the tests have, and what it has that the vendor's document has not. */
export const excerpts: Readonly<
  Record<PlatformName, { readonly excerpt: { readonly paths: object }; readonly newer: readonly string[] }>
> = {
  retell: { excerpt: retellExcerpt, newer: retellNewer },
  elevenlabs: { excerpt: elevenlabsExcerpt, newer: elevenlabsNewer },
  vapi: { excerpt: vapiExcerpt, newer: vapiNewer },
  telnyx: { excerpt: telnyxExcerpt, newer: telnyxNewer },
  twilio: { excerpt: twilioExcerpt, newer: twilioNewer },
};
