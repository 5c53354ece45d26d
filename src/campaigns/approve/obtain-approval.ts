import { type Access, mayAgree } from "../../domain/access.ts";
import type { ApprovalChannel } from "../../domain/batch/grant.ts";
import { Problem } from "../../domain/problem.ts";
import type { ApprovalMode } from "../../domain/start-policy.ts";
import { counted } from "../../domain/text.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { commandText } from "../../lib/command-text.ts";
import { noticeTeller } from "../../lib/notices.ts";
import type { ActingPage, Actor } from "../records/index.ts";
import type { ApprovalRequest, ApprovalStore, AskPerson, StartSummary } from "./approval.ts";
import { afterAnswer, notAgreed } from "./refusals.ts";

// A person who is shown many questions at once reads none of them.
const mostOpen = 3;

/** How far a call is: `done` of `total`, where that is known, in words. */
export type Progress = (done: number, message: string, total?: number) => void;

/** Who asks for a start, how a person at their client can be asked, and what tells of it meanwhile. */
export type RequestedBy = Actor & {
  readonly askPerson: AskPerson;
  /** What they may do; everything where absent. Without the scope `approve` nothing that they answer agrees to calls. */
  readonly access?: Access;
  /** The page on which they act, for the record; absent for a client's tools. */
  readonly through?: ActingPage;
  readonly progress?: Progress;
  /** Aborted when they gave up waiting. */
  readonly signal?: AbortSignal;
};

/** What the caller says was agreed to. It fixes the start; it is not consent, except in the mode `host`. */
export type StartConfirmation = { readonly recipients?: number | undefined; readonly fingerprint?: string | undefined };

/**
 * How a person gets to a question: on a page `opened` in their browser, by a link `printed` to their terminal, `listed`
 * on the page of this server behind its login, or `nowhere`.
 */
export type OpenPage = (request: ApprovalRequest) => Promise<"opened" | "printed" | "listed" | "nowhere">;

export type ObtainApprovalParts = {
  readonly approvals: ApprovalStore;
  readonly clock: Clock;
  readonly mode: ApprovalMode;
  readonly openPage: OpenPage;
  /** Why nobody is asked, for the record, where that is not the mode alone. */
  readonly why?: string;
};

/** `waits`: a person was asked outside of the client, or the caller has to say more first. */
export type ApprovalResult =
  | { readonly kind: "agreed" }
  | { readonly kind: "waits"; readonly how: string; readonly request?: ApprovalRequest };

/** Gets agreement to a start by the way that the operator chose. Throws `needs_approval` for a no. */
export async function obtainApproval(
  parts: ObtainApprovalParts,
  summary: StartSummary,
  by: RequestedBy,
  expected: StartConfirmation,
): Promise<ApprovalResult> {
  switch (parts.mode) {
    case "auto":
    case "form":
      return askAPerson(parts, summary, by);
    case "host":
      // The caller's own answer agrees here, so it takes who may.
      if (!answersCount(by)) return askAPerson(parts, summary, by);
      if (expected.recipients === undefined || expected.fingerprint === undefined) {
        return { kind: "waits", how: askTheHost(summary) };
      }
      return agreeUnasked(parts, summary, by, "host");
    case "policy":
      return agreeUnasked(parts, summary, by, "policy");
  }
}

async function askAPerson(parts: ObtainApprovalParts, summary: StartSummary, by: RequestedBy): Promise<ApprovalResult> {
  const { approvals, clock } = parts;
  const request = approvals.ask(summary, toActor(by), clock.now(), mostOpen);
  // Agreed to on a page or in a terminal, after the call that asked was over.
  if (request.state === "approved") return { kind: "agreed" };
  noticeTeller()?.(
    "notice",
    `A person is asked whether ${counted(summary.recipients, "person", "people")} of ${summary.batchId} may be called; nobody is called before.`,
  );
  const answer = answersCount(by)
    ? await tellingOfWait(() => by.askPerson(request.summary), clock, by)
    : ({ kind: "unsupported" } as const);
  const answerer = { ...toActor(by), channel: "form" } as const;
  switch (answer.kind) {
    case "accepted": {
      const result = approvals.approve(request.id, answer.typedRecipients, answerer, clock.now());
      if (result === "approved") return { kind: "agreed" };
      throw afterAnswer(result);
    }
    case "declined":
      approvals.decline(request.id, answerer, clock.now());
      throw afterAnswer("declined");
    case "closed":
      approvals.withdraw(request.id, "The form was closed without an answer.", toActor(by), clock.now());
      throw notAgreed("The person closed the form without an answer. Ask the user, then call the tool again.");
    case "unsupported":
      return { kind: "waits", how: describeHowAsked(await parts.openPage(request), summary), request };
  }
}

function answersCount({ access }: RequestedBy): boolean {
  return access === undefined || mayAgree(access);
}

const toldEveryMs = 10_000;

/** A client that hears nothing for long gives up, while the person still reads. */
async function tellingOfWait<T>(ask: () => Promise<T>, clock: Clock, { progress }: RequestedBy): Promise<T> {
  if (!progress) return ask();
  const answered = new AbortController();
  const tell = async (): Promise<void> => {
    for (let waitedMs = 0; !answered.signal.aborted; waitedMs += toldEveryMs) {
      progress(waitedMs / 1000, "A person is asked whether these people may be called; nobody is called before");
      await sleep(clock, toldEveryMs, answered.signal);
    }
  };
  void tell();
  return ask().finally(() => answered.abort());
}

function agreeUnasked(
  { approvals, clock, why }: ObtainApprovalParts,
  summary: StartSummary,
  by: RequestedBy,
  channel: Extract<ApprovalChannel, "host" | "policy">,
): ApprovalResult {
  const request = approvals.ask(summary, toActor(by), clock.now());
  if (request.state === "approved") return { kind: "agreed" };
  const result = approvals.approve(request.id, summary.recipients, { ...toActor(by), channel }, clock.now(), why);
  if (result !== "approved") throw afterAnswer(result);
  return { kind: "agreed" };
}

const thenWait =
  "Tell the user, then call get_batch_status with wait_seconds: the batch starts by itself once they agree. The question is open for 15 minutes.";

function describeHowAsked(how: Awaited<ReturnType<OpenPage>>, { batchId }: StartSummary): string {
  switch (how) {
    case "opened":
      return `A page was opened in the browser of the person at this computer, where they look at the list and type the number of recipients. If they see none, they run in a terminal: \`${commandText(`approve ${batchId}`)}\`. ${thenWait}`;
    case "printed":
      return `A link to a page was printed in the terminal of this server; there a person looks at the list and types the number of recipients. ${thenWait}`;
    case "listed":
      return `The page /approve of this server lists the question; there a person logs in with a token that has the scope approve, looks at the list and types the number of recipients. ${thenWait}`;
    case "nowhere":
      return `No page could be opened. A person at this computer runs in a terminal: \`${commandText(`approve ${batchId}`)}\`. ${thenWait}`;
  }
}

function askTheHost({ recipients, fingerprint }: StartSummary): string {
  return `Show the user the batch. When they agree to call these people, call start_batch with expected_recipients ${recipients} and fingerprint "${fingerprint}".`;
}

/** Builds the refusal while a person has yet to agree. */
export function waitsForApproval(how: string, { batchId, recipients, fingerprint }: StartSummary): Problem {
  return new Problem(
    "needs_approval",
    `${batchId} would call ${counted(recipients, "person", "people")} for real, and a person has to agree first. Nobody was called yet. ${how} (expected_recipients ${recipients}, fingerprint ${fingerprint})`,
  );
}

function toActor({ principal, client }: RequestedBy): Actor {
  return { principal, ...(client !== undefined && { client }) };
}
