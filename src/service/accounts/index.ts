export { loadAccount } from "./account-file.ts";
export { createKeyring, type Keyring, toHashedKeys } from "./keyring.ts";
export { loadOrganizations, type Organizations } from "./organizations.ts";
export { loadSharedOrganizations } from "./shared-organizations.ts";
export { type CarrierAccount, simulatedAccount } from "./simulated-account.ts";
