import { useEffect, useRef, useState } from "preact/hooks";
import type { BatchView, CampaignData } from "./data.ts";
import { type Source, type ToolAnswer, textOf } from "./source.ts";
import { clock, people } from "./words.ts";

type Action = {
  readonly tool: "pause_batch" | "resume_batch" | "cancel_batch";
  readonly label: string;
  readonly done: string;
  /** What is asked before; without it the button acts at once. */
  readonly question?: string;
  readonly tone?: string;
};

function actionsFor({ allowed_actions: allowed = [], environment, counts }: BatchView): readonly Action[] {
  const open = counts ? people(counts.pending) : "Everybody who is still to come";
  const rings = environment === "live" ? "Real phones ring again" : "Simulated calls go on";
  const all: readonly Action[] = [
    { tool: "pause_batch", label: "Pause", done: "paused" },
    { tool: "resume_batch", label: "Resume", done: "resumed", question: `${rings}: ${open} to come.` },
    {
      tool: "cancel_batch",
      label: "Cancel",
      done: "cancelled",
      question: `Ends the batch for good. ${open} will not be called.`,
      tone: "danger",
    },
  ];
  return all.filter(({ tool }) => allowed.includes(tool));
}

type Told = { readonly text: string; readonly isBad: boolean };

/** Pause, resume and cancel: the same tools that an assistant has, with the same limits. */
export function Actions({
  source,
  batch,
  isReadOnly,
  refresh,
}: {
  readonly source: Source;
  readonly batch: BatchView;
  readonly isReadOnly: boolean;
  readonly refresh: () => void;
}) {
  const [asking, setAsking] = useState<Action>();
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<Told>();
  const group = useRef<HTMLDivElement>(null);
  const actions = source.hasTools && !isReadOnly ? actionsFor(batch) : [];
  /** The button that was pressed goes: the keyboard stays where the next ones come. */
  const holdFocus = (): void => group.current?.focus();
  const act = async ({ tool, done }: Action): Promise<void> => {
    holdFocus();
    setBusy(true);
    setAsking(undefined);
    const answer = await callTool(source, tool, { batch_id: batch.batch_id });
    setTold(answer.isError ? toTold(answer) : { text: `The batch is ${done}.`, isBad: false });
    if (!answer.isError) source.tellModel?.(`The user ${done} batch ${batch.batch_id} in the view.`);
    setBusy(false);
    refresh();
  };
  useEffect(() => {
    if (asking) group.current?.querySelector("button")?.focus();
  }, [asking]);
  return (
    <div class="actions" tabIndex={-1} ref={group}>
      {asking ? (
        <fieldset class="confirm" aria-label={asking.label}>
          <p>{asking.question}</p>
          <button type="button" class={asking.tone ?? "main"} disabled={busy} onClick={() => void act(asking)}>
            {`${asking.label} ${asking.tool === "cancel_batch" ? "the batch" : "calling"}`}
          </button>
          <button
            type="button"
            onClick={() => {
              holdFocus();
              setAsking(undefined);
            }}
          >
            Back
          </button>
        </fieldset>
      ) : (
        actions.map((action) => (
          <button
            key={action.tool}
            type="button"
            class={action.tone ?? "main"}
            disabled={busy}
            onClick={() => (action.question ? setAsking(action) : void act(action))}
          >
            {action.label}
          </button>
        ))
      )}
      <p class={told?.isBad ? "told bad" : "told"} role="status">
        {told?.text ?? ""}
      </p>
    </div>
  );
}

/**
 * A person has to agree first, and does that on the operator's page: nothing here can. The tool that asked puts the question
 * once more, without a number of people and a fingerprint, so that it is no agreement whatever the operator set.
 */
export function Approval({
  source,
  batch,
  approval,
  isReadOnly,
  refresh,
}: {
  readonly source: Source;
  readonly batch: BatchView;
  readonly approval: NonNullable<CampaignData["approval"]>;
  readonly isReadOnly: boolean;
  readonly refresh: () => void;
}) {
  const [told, setTold] = useState<Told>();
  const left = useSecondsLeft(approval.seconds_left);
  const isResumed = batch.allowed_actions?.includes("resume_batch") ?? false;
  const open = async (): Promise<void> => {
    if (approval.url !== undefined) return source.openLink(approval.url);
    const args = isResumed ? {} : approval.again;
    const answer = await callTool(source, isResumed ? "resume_batch" : "start_batch", {
      batch_id: batch.batch_id,
      ...args,
    });
    setTold(toTold(answer));
    refresh();
  };
  return (
    <section class="notice ask" aria-label="Approval">
      <p>
        <b>{`A person has to agree before ${people(approval.recipients)} are called.`}</b> Nobody is called until then.
        The question is open for <span class="clock">{clock(left)}</span> more.
      </p>
      {isReadOnly && approval.url === undefined ? null : (
        <button type="button" class="main" disabled={!source.hasTools} onClick={() => void open()}>
          Open the approval page
        </button>
      )}
      <p class="told" role="status">
        {told?.text ?? ""}
      </p>
    </section>
  );
}

/** Counts down by this machine's own seconds, from what the server said last. */
function useSecondsLeft(told: number): number {
  const [left, setLeft] = useState(told);
  useEffect(() => {
    const heardAt = performance.now();
    const show = (): void => setLeft(Math.max(0, Math.round(told - (performance.now() - heardAt) / 1000)));
    show();
    const timer = setInterval(show, 1000);
    return () => clearInterval(timer);
  }, [told]);
  return left;
}

async function callTool(source: Source, name: string, args: Record<string, unknown>): Promise<ToolAnswer> {
  try {
    return await source.call(name, args);
  } catch (error) {
    return { isError: true, content: [{ type: "text", text: error instanceof Error ? error.message : String(error) }] };
  }
}

/** That a person has to agree first is no fault. */
function toTold(answer: ToolAnswer): Told {
  const text = textOf(answer);
  const isAsked = text.startsWith("needs_approval:");
  return { text: text.replace(/^[a-z_]+: /, ""), isBad: answer.isError === true && !isAsked };
}
