/** People that one batch may have. */
export const maxRecipients = 1000;

/** People that linked batches may have together: a hundred batches. */
export const maxGroupRecipients = 100_000;

/** The numbers of people under which a call may reach them: their own, and the fallback numbers. */
export function allNumbersOf<T extends string>(
  people: readonly { readonly toNumber: T; readonly fallbackNumber?: T }[],
): readonly T[] {
  return people.flatMap(({ toNumber, fallbackNumber }) =>
    fallbackNumber === undefined ? [toNumber] : [toNumber, fallbackNumber],
  );
}
