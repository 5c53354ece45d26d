import type { Guard } from "./engine-guards.ts";

const store = "test/service/store/dialing-store.test.ts";
const choice = "src/domain/batch/caller-ids.ts";
const chosen = "test/domain/batch/caller-ids.test.ts";
const tools = "test/tools/more-from-numbers.test.ts";

/** From which number somebody is called. */
export const callerIdGuards: readonly Guard[] = [
  {
    name: "nobody is called from abroad while there is a caller id of their country",
    file: choice,
    find: "country === home",
    replace: "country <= home",
    tests: [chosen, store],
  },
  {
    name: "who is called again is called from the same number",
    file: choice,
    find: "if (stays) return [stays.callerId];",
    replace: "",
    tests: [chosen, store],
  },
  {
    name: "a start counts for the caller id that it is made from",
    file: "src/service/store/allocate-slots.ts",
    find: "starts.add(fromNumber, now);",
    replace: "starts.add(batch.fromNumber, now);",
    tests: ["test/service/store/allocate-slots.test.ts", store],
  },
  {
    name: "a caller id that the account does not have is left out of its batch",
    file: "src/service/dialing/gone-caller-ids.ts",
    find: "goneSince.set(key(id, fromNumber), clock.monotonicMs());",
    replace: "",
    tests: [store],
  },
  {
    name: "a caller id that was refused before all of them were gone is tried when the batch is resumed",
    file: "src/service/dialing/gone-caller-ids.ts",
    find: "if (askedAtMs < (clearedAt.get(id) ?? askedAtMs)) return true;",
    replace: "",
    tests: ["test/service/dialing/gone-caller-ids.test.ts"],
  },
  {
    name: "a refusal of the hosted API is one of the caller id only where its account has it not",
    file: "src/service/carriers/hosted/send-wave.ts",
    find: "phoneNumber === wave.fromNumber",
    replace: "phoneNumber !== wave.fromNumber",
    tests: ["test/service/carriers/carrier-hosted.test.ts"],
  },
  {
    name: "a batch without a caller id that is left is held",
    file: "src/service/dialing/gone-caller-ids.ts",
    find: "if (callerIds.some((callerId) => !isGone(id, callerId))) return true;",
    replace: "if (callerIds.length > 1) return true;",
    tests: [store],
  },
  {
    name: "more caller ids are the account's own",
    file: "src/service/batches/batches.ts",
    find: "if (isUnknown(number)) issues.push(unknown(`more",
    replace: "if (!number) issues.push(unknown(`more",
    tests: ["test/service/rest/app-caller-ids.test.ts"],
  },
  {
    name: "a batch does not call the number of a caller id that joins it",
    file: "src/service/batches/batch-edits.ts",
    find: "refuseCallers(callerIds, rows);",
    replace: "",
    tests: ["test/service/rest/app-caller-ids.test.ts"],
  },
  {
    name: "an API without extensions is sent no caller ids besides the first",
    file: "src/tools/shared/caller-ids-input.ts",
    find: "if (await api.hasBrake()) return;",
    replace: "if ((await api.hasBrake()) || true) return;",
    tests: [tools],
  },
  {
    name: "a person agrees to all caller ids, and reads them",
    file: "src/campaigns/start/summarize-start.ts",
    find: "...(callerIds && { callerIds }),",
    replace: "",
    tests: [tools],
  },
];
