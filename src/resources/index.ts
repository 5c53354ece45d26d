import { type AskedTools, toolsets } from "../tools/toolsets.ts";
import { batchResource, batchResultsResource } from "./batch.ts";
import { batchReportResource } from "./batch-report.ts";
import { listResource } from "./list.ts";
import type { Resource } from "./resource.ts";
import { viewDataResource } from "./view-data.ts";

/** The resources that a server offers: those whose tools it lists. */
export function selectResources({ toolsets: chosen = toolsets }: AskedTools): readonly Resource[] {
  return resources.filter(({ toolset }) => chosen.includes(toolset));
}

/** All resources, in the order in which their templates are listed. */
const resources: readonly Resource[] = [
  batchResource,
  batchResultsResource,
  batchReportResource,
  viewDataResource,
  listResource,
];
