/** People that one batch may have. */
export const maxRecipients = 1000;
