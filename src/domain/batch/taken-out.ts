/** Reason of a recipient who was taken out of the list of a batch while they waited. */
export const removedReason = "removed";

/** With this begins the reason of a recipient who was taken out of the list while their call was under way, and of that call's end. */
export const leavingReason = "removed; ";

/** Whether somebody was taken out of the list while their call was under way, by the reason of their task. */
export function isLeaving(reason: string | undefined): boolean {
  return reason?.startsWith(leavingReason) ?? false;
}

/** Whether somebody took this recipient out of the list of their batch, before a call to them or during it. */
export function isTakenOut({ reason }: { readonly reason?: string }): boolean {
  return reason === removedReason || isLeaving(reason);
}
