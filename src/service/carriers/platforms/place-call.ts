import { randomBytes } from "node:crypto";
import { present } from "../../../contract/fields.ts";
import type { DialRequest } from "../../../contract/records.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { SendLedger } from "../../store/index.ts";
import type { DialAnswer, HeldAttempt } from "../carrier.ts";
import { type CallMeansBook, type Means, toHoldReason } from "./call-means.ts";
import type { CreateAnswer, Platform } from "./platform.ts";
import type { PlatformHttp } from "./platform-http.ts";

export type PlaceParts = {
  readonly platform: Platform;
  readonly http: PlatformHttp;
  readonly sends: SendLedger;
  readonly means: CallMeansBook;
  readonly noticeUrl?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

/** How long a call that was created may not be shown yet. A guess: no platform says how soon a list shows what was made. */
export const settleMs = 10 * 60_000;

/** Nobody knows whether a phone rings for a request. */
export class CallInDoubt extends Error {
  readonly why: string;

  constructor(name: string, why: string) {
    super(`It is in doubt whether ${name} took a call: ${why}`);
    this.name = "CallInDoubt";
    this.why = why;
  }
}

/** As a carrier answers, with what the platform told of its lines and its queue, or that this call was refused for good. */
type PlaceAnswer =
  | Extract<DialAnswer, { readonly kind: "not_now" | "withdrawn" }>
  | { readonly kind: "hold"; readonly reason: string }
  | ({ readonly kind: "taken" } & Pick<Extract<CreateAnswer, { kind: "accepted" }>, "lines" | "queueMs">)
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Creates one call at a platform: written down, checked once more, written down as about to be sent, and sent once. From that
 * record on nobody says that no phone rings, unless a refusal is in hand or the connection was never made. Throws when it is in
 * doubt whether a phone rings.
 */
export async function placeCall(
  request: DialRequest,
  { from, agent }: Means,
  held: HeldAttempt,
  parts: PlaceParts,
): Promise<PlaceAnswer> {
  const { platform, http, sends, clock, noticeUrl } = parts;
  const reference = `call_${randomBytes(12).toString("hex")}`;
  await sends.prepare(reference, [request], clock.now());
  const check = await held.check();
  if (!check) {
    await sends.move(reference, { from: ["prepared"], to: "not_now" });
    return { kind: "withdrawn" };
  }
  const sentAt = clock.now();
  const settlesAt = new Date(sentAt.getTime() + settleMs);
  // The line. Whoever took the attempt back meanwhile has moved the record first.
  if (!(await sends.move(reference, { from: ["prepared"], to: "sending", sentAt, settlesAt }))) {
    return { kind: "withdrawn" };
  }
  if (!check.isFresh()) {
    await sends.move(reference, { from: ["sending"], to: "not_now" });
    return { kind: "withdrawn" };
  }
  const placed = await http.place(platform.toCreate(request, reference, from, present({ agent, noticeUrl })));
  switch (placed.kind) {
    case "answer":
      return settle(reference, platform.readCreated(placed.answer), parts);
    case "not_sent":
      return settle(reference, { kind: "not_now", why: placed.why }, parts);
    case "no_answer":
      return settle(reference, { kind: "unclear", why: placed.why }, parts);
  }
}

async function settle(reference: string, created: CreateAnswer, parts: PlaceParts): Promise<PlaceAnswer> {
  const { sends, log, platform } = parts;
  switch (created.kind) {
    case "accepted":
      await sends
        .move(reference, { from: ["sending"], to: "accepted", providerId: created.callId })
        .catch((error: unknown) => {
          // Its look-up finds it all the same.
          log.error({ reference, err: error }, "That a call was taken could not be written down");
        });
      return { kind: "taken", ...present({ lines: created.lines, queueMs: created.queueMs }) };
    case "refused":
      await sends.move(reference, { from: ["sending"], to: "refused", reason: created.reason });
      return created;
    case "not_now":
      await sends.move(reference, { from: ["sending"], to: "not_now" });
      return created;
    case "hold":
      await sends.move(reference, { from: ["sending"], to: "not_now" });
      return { kind: "hold", reason: toHoldReason(platform.name, created) };
    case "unclear":
      await sends.move(reference, { from: ["sending"], to: "in_doubt" });
      throw new CallInDoubt(platform.name, created.why);
  }
}
