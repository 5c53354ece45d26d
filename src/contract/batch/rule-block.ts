/** Whether a block says of itself that it is off: nothing else of it has to be there. */
export function isOff({ enabled }: { readonly enabled?: boolean | null | undefined }): boolean {
  return enabled === false;
}

/** Of a field that only a block that is on needs. */
export const required = { error: "This field is required, unless enabled is false.", params: { code: "required" } };
