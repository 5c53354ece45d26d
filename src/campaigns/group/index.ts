export { withGroups } from "./api-with-groups.ts";
export { GroupDrafts } from "./create-group.ts";
export { buildGroupEdits, type GroupEdits } from "./group-edits.ts";
export { createGroupLog, type GroupLog, type PartRecord } from "./group-log.ts";
export { GroupStarter } from "./group-starter.ts";
export { GroupStops } from "./group-stops.ts";
export { startSimulatedGroup } from "./start-simulated-group.ts";
export { requireGroup } from "./steps.ts";
