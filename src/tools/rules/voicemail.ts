import { z } from "zod";
import type { BatchCallApi, VoiceAgent } from "../../client/api.ts";
import type { CallingRules } from "../../domain/batch/plan.ts";
import { Problem } from "../../domain/problem.ts";
import { queueInFront } from "../../domain/queue-in-front.ts";
import { type VoicemailRule, voicemailModes } from "../../domain/voicemail.ts";
import { inWords } from "../arguments/shapes.ts";

/** What follows when a voicemail picks up, as an argument; the domain checks it. */
export const voicemail = () =>
  inWords(
    z
      .strictObject({
        // Judged as text: a wrong one is answered with all of them.
        mode: z.string().pipe(z.enum(voicemailModes)),
        message: z.string().optional(),
      })
      .superRefine(({ mode, message }, context) => {
        if ((mode === "leave_message") === (message !== undefined)) return;
        const words =
          message === undefined
            ? "leave_message needs a message; {{name}} stands for a variable."
            : `${mode} takes no message; leave it out.`;
        const code = message === undefined ? "required" : "contradiction";
        context.addIssue({ code: "custom", path: ["message"], message: words, params: { code } });
      }),
    "If one picks up: {mode: retry, accept (is done) or leave_message, message: with {{variables}}}.",
  ).optional();

type VoicemailInput = z.output<ReturnType<typeof voicemail>>;

export function toVoicemail(input: VoicemailInput): VoicemailRule | undefined {
  if (!input) return undefined;
  const { mode, message = "" } = input;
  return mode === "leave_message" ? { mode, message } : { mode };
}

/**
 * Rules without what an API that knows retry rules alone need not be told. Throws `unsupported` where those do not come to the same:
 * people would be called again who were to be left alone, or left no message. `attempts`: the most that one number gets.
 */
export async function settleVoicemail(
  rules: CallingRules,
  attempts: number,
  api: Pick<BatchCallApi, "hasBrake">,
  agent: VoiceAgent | undefined,
): Promise<CallingRules> {
  const { voicemail: rule, ...others } = rules;
  if (!rule) return rules;
  const hasBrake = await api.hasBrake();
  if (rule.mode === "leave_message" && (!hasBrake || agent?.leavesMessages === false))
    throw new Problem(
      "unsupported",
      "This API cannot be told what to leave on a voicemail. Nothing was created or changed. Set the message at the agent, in its voicemail settings where it is made, and leave voicemail out. Through a service of this program whose carrier is a bridge or Retell, it can be told.",
    );
  if (hasBrake) return rules;
  const { retryRules = [] } = rules;
  const isDone = attempts <= 1 || (retryRules.length > 0 && !retryRules.some(isForVoicemail));
  if (rule.mode === "retry" || isDone) return others;
  throw new Problem(
    "unsupported",
    `This API knows no voicemail but in its retry rules, and without any it calls again after one. Nothing was created or changed. Leave voicemail out and give retry_rules for the other outcomes (no_answer, busy, failed): then nobody is called again after a voicemail. ${queueInFront("takes a voicemail as done")}`,
  );
}

function isForVoicemail({ condition, enabled }: { readonly condition: string; readonly enabled: boolean }): boolean {
  return enabled && condition === "voicemail";
}
