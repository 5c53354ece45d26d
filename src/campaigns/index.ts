export { buildCampaigns, toAccountName, type UpstreamAccount } from "./build-campaigns.ts";
export type { Campaigns } from "./campaigns.ts";
export type { ContentChange, ContentChanged } from "./start/index.ts";
