import type { EvalRequest } from "../request.ts";
import { badData } from "./bad-data.ts";
import { dangerous } from "./dangerous.ts";
import { everyday } from "./everyday.ts";
import { injected } from "./injected.ts";
import { languages } from "./languages.ts";
import { lookingBack } from "./looking-back.ts";
import { severalSteps } from "./several-steps.ts";
import { vague } from "./vague.ts";

/** All requests, by kind. */
export const requestsByKind: Readonly<Record<string, readonly EvalRequest[]>> = {
  everyday,
  "several steps": severalSteps,
  "several languages": languages,
  vague,
  "bad data": badData,
  "injected text": injected,
  dangerous,
  "looking back": lookingBack,
};

export const requests: readonly EvalRequest[] = Object.values(requestsByKind).flat();
