/** Words for how a call ended, where the API's own word reads as code. */
const reasonWords: Readonly<Record<string, string>> = {
  user_hangup: "they hung up",
  agent_hangup: "the agent hung up",
  call_transfer: "transferred",
  transfer_bridged: "transferred",
  transfer_cancelled: "the transfer was cancelled",
  inactivity: "nobody spoke",
  max_duration_reached: "the longest time of a call was over",
  call_take_over: "taken over by a person",
  ivr_reached: "a phone menu answered",
  dial_no_answer: "no answer",
  dial_busy: "busy",
  user_declined: "declined",
  voicemail_reached: "voicemail",
  dial_failed: "it could not be dialed",
  invalid_destination: "not a number that can be dialed",
  marked_as_spam: "blocked as spam",
  sip_routing_error: "no route to the number",
};

/** `user_hangup` as `they hung up`, another code with spaces in it, and a sentence as it is. */
export function toReasonText(reason: string): string {
  if (Object.hasOwn(reasonWords, reason)) return reasonWords[reason] ?? reason;
  return /^[a-z]+(_[a-z]+)+$/.test(reason) ? reason.replaceAll("_", " ") : reason;
}
