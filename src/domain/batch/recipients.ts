/** People that one batch may have. */
export const maxRecipients = 1000;

/** People that linked batches may have together: a hundred batches. */
export const maxGroupRecipients = 100_000;
