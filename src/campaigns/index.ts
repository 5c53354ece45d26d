export { buildCampaigns, toAccountName, type UpstreamAccount } from "./build-campaigns.ts";
export type { Campaigns } from "./campaigns.ts";
export { type ContentChange, type ContentChanged, holdAsDraft, isTestCall, nameOfTest } from "./start/index.ts";
