/** A released step of the ledger's schema: it never changes. */
export const consentSchema = `
  -- Why people are called, and what entitles somebody to call them, as the question said it.
  ALTER TABLE audit ADD COLUMN purpose TEXT;
  ALTER TABLE audit ADD COLUMN consent_basis TEXT;
`;
