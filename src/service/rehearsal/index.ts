export { startRehearsal } from "./rehearsal.ts";
