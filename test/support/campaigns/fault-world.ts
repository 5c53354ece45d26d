import type { StartSummary } from "../../../src/campaigns/approve/approval.ts";
import type { BatchCallApi } from "../../../src/client/api.ts";
import { Pace } from "../dialing/pace.ts";
import { FaultProxy } from "../http/fault-proxy.ts";
import { HostedApi } from "../http/hosted-api.ts";
import { OtherOrigin } from "../http/other-origin.ts";
import type { FaultPlan } from "../http/wire-faults.ts";
import { TestClock } from "../test-clock.ts";
import { startWorld, type World } from "../world.ts";

// The client gives up after three seconds what it cannot connect to.
const leapMs = 4_000;

/** The product before a stand-in of the hosted API, over a wire that breaks, with a person who agrees to everything. */
export type FaultWorld = Pick<World, "tool" | "clock"> & {
  readonly hosted: HostedApi;
  readonly pace: Pace;
  /** What reached the servers that nothing should be sent to. */
  readonly strays: readonly string[];
  /** How often the person agreed to a start of the batch. */
  agreementsTo(batchId: string): number;
  /** Breaks the next write. */
  arm(plan: FaultPlan): void;
  /** True until that write came. */
  isArmed(): boolean;
  stop(): Promise<void>;
};

export async function startFaultWorld(): Promise<FaultWorld> {
  const clock = new TestClock("2026-03-02T15:00:00Z");
  const hosted = await HostedApi.start();
  const other = await OtherOrigin.start();
  const proxy = await FaultProxy.start(clock, hosted.url, other.url);
  const address = new Address(`http://127.0.0.1:${proxy.port}`);
  const pace = new Pace(clock, () => (address.isWrong ? leapMs : proxy.held > 0 ? 0 : undefined));
  const agreed: string[] = [];
  const askPerson = async ({ batchId, recipients }: StartSummary) => {
    agreed.push(batchId);
    return { kind: "accepted", typedRecipients: recipients } as const;
  };
  const world = await startWorld({
    clock,
    upstream: () => address.current,
    watchApi: (api) => pace.watch(address.misleadWrites(api)),
    context: { askPerson },
  });
  // No power fails here, and waiting for the disk would be most of the time.
  world.database.exec("PRAGMA synchronous = OFF");

  return {
    tool: world.tool,
    clock,
    hosted,
    pace,
    strays: other.received,
    agreementsTo: (batchId) => agreed.filter((id) => id === batchId).length,
    arm(plan) {
      const wrong = wrongAddress(plan, proxy, other);
      if (wrong) address.misleadNext(wrong);
      else proxy.arm(plan);
    },
    isArmed: () => proxy.isArmed || address.isArmed,
    async stop() {
      await world.stop();
      await proxy.stop();
      await other.stop();
      await hosted.stop();
    },
  };
}

function wrongAddress({ fault }: FaultPlan, proxy: FaultProxy, other: OtherOrigin): string | undefined {
  switch (fault) {
    case "refused":
      // Nothing listens there: a port of the system that nobody uses.
      return "http://127.0.0.1:1";
    case "unknown_name":
      // No name has a part of 64 letters, so that no name server is asked.
      return `https://${"a".repeat(64)}.invalid`;
    case "tls_to_a_plain_port":
      return `https://127.0.0.1:${proxy.port}`;
    case "tls_self_signed":
      return other.selfSignedUrl;
    default:
      return undefined;
  }
}

/** The address of the API, which is a wrong one during a write that is to be misled. */
class Address {
  readonly #right: string;
  #wrong: string | undefined;
  #next: string | undefined;

  constructor(right: string) {
    this.#right = right;
  }

  get current(): string {
    return this.#wrong ?? this.#right;
  }

  get isWrong(): boolean {
    return this.#wrong !== undefined;
  }

  get isArmed(): boolean {
    return this.#next !== undefined;
  }

  misleadNext(wrong: string): void {
    this.#next = wrong;
  }

  misleadWrites(api: BatchCallApi): BatchCallApi {
    return {
      ...api,
      createDraft: (...args) => this.#mislead(() => api.createDraft(...args)),
      executeBatch: (...args) => this.#mislead(() => api.executeBatch(...args)),
      editBatch: (...args) => this.#mislead(() => api.editBatch(...args)),
    };
  }

  async #mislead<T>(write: () => Promise<T>): Promise<T> {
    this.#wrong = this.#next;
    this.#next = undefined;
    try {
      return await write();
    } finally {
      this.#wrong = undefined;
    }
  }
}
