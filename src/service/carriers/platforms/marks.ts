/** Names of ours in what a platform keeps with a call and returns: the attempt's token, and what this send of it is called. */
export const tokenKey = "batch_call_token";
export const referenceKey = "batch_call_send";

export function toMarks(token: string, reference: string): Readonly<Record<string, string>> {
  return { [tokenKey]: token, [referenceKey]: reference };
}
