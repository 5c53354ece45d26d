import type { VoiceAgent } from "../../client/api.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";

/** What to say of rules for voicemail that would never hold, because the agent takes a mailbox for a person. */
export function voicemailWarnings(
  { retryRules, voicemail }: CallingRules,
  agent: VoiceAgent | undefined,
): readonly string[] {
  const isRetried = retryRules?.some(({ condition, enabled }) => enabled && condition === "voicemail") ?? false;
  const isWanted = isRetried || voicemail !== undefined;
  if (!isWanted || agent?.detectsVoicemail !== false) return [];
  return [
    "This agent never reports a voicemail: its voicemail detection is off, so a mailbox counts as answered and what the batch says of voicemail never holds. Switch the detection on for the agent at the platform.",
  ];
}
