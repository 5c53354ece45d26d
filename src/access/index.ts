export { type AccountKeys, type Caller, callerKey } from "./caller.ts";
export { anybody, createGate, type Gate, isRefused, type Refused } from "./gate.ts";
export { createIssuer, findKeysUri } from "./issuer.ts";
export { type NamedToken, type NamedTokens, openNamedTokens } from "./named-tokens.ts";
export { isOrganizationName } from "./organization-name.ts";
export { RequestBudget } from "./request-budget.ts";
