export { loadAccount } from "./account-file.ts";
export { type AccountSource, createCurrentAccount } from "./current-account.ts";
export {
  createKeyring,
  deriveOrganization,
  type Keyring,
  loadOrganizations,
  type Organizations,
  readOrganizations,
  toHashedKeys,
} from "./organizations.ts";
export { loadSharedOrganizations } from "./shared-organizations.ts";
export { type CarrierAccount, simulatedAccount } from "./simulated-account.ts";
