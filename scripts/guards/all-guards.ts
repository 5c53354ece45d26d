import { accessGuards } from "./access-guards.ts";
import { callerIdGuards } from "./caller-id-guards.ts";
import { campaignGuards } from "./campaign-guards.ts";
import { carrierGuards } from "./carrier-guards.ts";
import { changeGuards } from "./change-guards.ts";
import { clockGuards } from "./clock-guards.ts";
import { doNotCallGuards } from "./do-not-call-guards.ts";
import { doorGuards } from "./door-guards.ts";
import { type Guard, guards } from "./engine-guards.ts";
import { eventGuards } from "./event-guards.ts";
import { listGuards } from "./list-guards.ts";
import { machineGuards } from "./machine-guards.ts";
import { placeGuards } from "./place-guards.ts";
import { pruningGuards } from "./pruning-guards.ts";
import { saidGuards } from "./said-guards.ts";
import { startUpGuards } from "./start-up-guards.ts";
import { steeringGuards } from "./steering-guards.ts";

/** Every check that protects people, each with how it is taken out. */
export const allGuards: readonly Guard[] = [
  ...guards,
  ...carrierGuards,
  ...campaignGuards,
  ...changeGuards,
  ...doNotCallGuards,
  ...listGuards,
  ...placeGuards,
  ...saidGuards,
  ...clockGuards,
  ...doorGuards,
  ...machineGuards,
  ...eventGuards,
  ...steeringGuards,
  ...callerIdGuards,
  ...accessGuards,
  ...pruningGuards,
  ...startUpGuards,
];
