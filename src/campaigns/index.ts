export { buildCampaigns, toAccountName, type UpstreamAccount } from "./build-campaigns.ts";
export type { Campaigns } from "./campaigns.ts";
export {
  type ContentChange,
  type ContentChanged,
  holdAsDraft,
  isTestCall,
  isTestOf,
  nameOfTest,
  testedNameOf,
} from "./start/index.ts";
