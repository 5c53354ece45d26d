import type { PlatformName } from "../../config/carrier.ts";
import type { DialRequest } from "../../contract/records.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Ask, Carrier, HeldAttempt, LookUp, Platform, PlatformRequest } from "../../service/carriers/index.ts";
import type { SendLedger } from "../../service/store/index.ts";
import type { NoticeListener } from "./notice-listener.ts";
import type { Seen } from "./recorded-connections.ts";

export type MeasureParts = {
  readonly kind: PlatformName;
  readonly platform: Platform;
  /** The carrier that the service would place calls with. It dials once. */
  readonly carrier: Carrier;
  /** Asks the same account something that makes no phone ring. */
  readonly ask: Ask;
  /** That of the carrier: of this call alone, so that nobody ever takes it up again. */
  readonly sends: SendLedger;
  /** Everything that the carrier and `ask` sent. */
  readonly seen: readonly Seen[];
  readonly clock: Clock;
  readonly call: DialRequest;
  readonly held: HeldAttempt;
  /** What the platform calls the caller id. */
  readonly numberId?: string;
  /** Where notices arrive, or why none can. */
  readonly notices: NoticeListener | { readonly whyNot: string };
  /** The platform's request that ends a call of that id, where one is to be sent when the phone rings. */
  readonly toStop?: (callId: string) => PlatformRequest;
  readonly person: {
    /** Resolves with true when they say that the phone rings, with false when they cannot any more. */
    rang(signal: AbortSignal): Promise<boolean>;
    /** How often it rang; undefined when nobody can tell. */
    countRings(): Promise<number | undefined>;
  };
  /** Lets that many ms pass. Rejects when the check is to stop. */
  readonly pause: (ms: number) => Promise<void>;
};

/** What was seen of the one call. */
export type Facts = {
  readonly sentAt: Date;
  answeredAt?: Date;
  rangAt?: Date;
  foundAt?: Date;
  wasAliveWhenFound?: boolean;
  /** The most calls that the platform showed under our reference at once. */
  shown: number;
  stop?: { readonly at: Date; readonly status: number };
  endToldAt?: Date;
  end?: LookUp;
  rings?: number;
  /** What went wrong when the platform was asked, each once. */
  readonly troubles: Set<string>;
};
