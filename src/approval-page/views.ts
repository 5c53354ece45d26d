import { html } from "hono/html";
import {
  type AnswerMessage,
  type ApprovalRequest,
  describeStart,
  type Fact,
  people,
  realCallsNotice,
  toQuestion,
  toSummaryFacts,
} from "../campaigns/approve/index.ts";
import { counted, plainText } from "../domain/text.ts";

/** Markup that is safe to send: `html` escapes every value that is not itself markup. */
export type Html = ReturnType<typeof html>;

/** One `data-focus` in each view: where the keyboard and a screen reader go on. */
export function messageView({ title, text }: AnswerMessage): Html {
  return html`<h1 tabindex="-1" data-focus>${title}</h1><p>${text}</p>`;
}

export type QuestionPlace = {
  /** Path that takes the answer. */
  readonly action: string;
  /** Path that shows the list; absent where nobody can show it. */
  readonly people?: string;
  /** Put into the form where the path alone does not say which question it is. */
  readonly id?: string;
};

export type QuestionView = QuestionPlace & {
  readonly request: ApprovalRequest;
  readonly now: Date;
  /** What was wrong with the answer before. */
  readonly error?: string;
};

/** The question with everything to judge it by, and the form for the answer. */
export function questionView({ request, now, action, people: list, id, error }: QuestionView): Html {
  const asked = people(request.summary.recipients);
  const errorLine = error ? html`<p class="error" id="wrong" role="alert">${error}</p>` : "";
  return html`<h1 tabindex="-1" ${error ? "" : "data-focus"}>${toQuestion(request.summary)}</h1>
<p>An assistant asks for your approval. ${realCallsNotice}</p>
${factsView(request)}
${list === undefined ? "" : listButton(list, id)}
<form action="${action}" method="post">
${id ? hiddenField("id", id) : ""}
<label for="typed">To agree, type the number of recipients</label>
<input id="typed" name="typed" inputmode="numeric" autocomplete="off" maxlength="15" required
 ${error ? "data-focus" : ""} aria-invalid="${error ? "true" : "false"}" aria-describedby="${error ? "wrong" : "left"}">
${errorLine}
<div class="buttons">
<button class="call" name="answer" value="call">Call ${asked}</button>
<button name="answer" value="no" formnovalidate>Do not call</button>
</div>
<p class="quiet" id="left"><span data-left="${secondsLeft(request, now)}">${timeLeft(request, now)}</span> You answer for this list only, and only once.</p>
</form>`;
}

export function hiddenField(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}">`;
}

function listButton(path: string, id: string | undefined): Html {
  return html`<form action="${path}" class="list">${id ? hiddenField("id", id) : ""}<button>Look at the whole list</button></form>`;
}

// What can hurt comes first: who and how many, what they hear, when, how often and at what cost, and what nobody confirmed.
const firstLabels = [
  "Changed since it was agreed to",
  "How many",
  "Not called",
  "For example",
  "Blank",
  "Starts",
  "Phones ring",
  "First and last ring",
  "Rules",
  "Cost",
  "Also",
];
const namedById: ReadonlySet<string> = new Set(["Batch", "Who calls"]);

/** Everything to judge a start by; ids, which say nothing to a person, are folded away. */
function factsView({ summary }: ApprovalRequest): Html {
  const facts = toSummaryFacts(summary);
  const first = firstLabels.flatMap((label) => facts.find((fact) => fact.label === label) ?? []);
  const others = facts.filter((fact) => !first.includes(fact));
  const shown = [...first, ...others].map((fact) =>
    namedById.has(fact.label) && fact.lines.length > 1 ? { ...fact, lines: fact.lines.slice(0, 1) } : fact,
  );
  const ids = others.filter(({ label }) => namedById.has(label));
  return html`<dl>${shown.map(factView)}${brakeView(summary)}</dl>
<details><summary>Ids</summary><dl>${ids.map(({ lines, ...fact }) => factView({ ...fact, lines: lines.slice(-1) }))}</dl></details>`;
}

/** Said before anybody agrees: whether calls that run can be stopped. Nothing where nobody asked the API. */
function brakeView({ hasBrake }: ApprovalRequest["summary"]): Html | string {
  if (hasBrake === undefined) return "";
  const words = hasBrake
    ? "A batch that runs can be paused and cancelled; calls in progress go on to their end."
    : "This API cannot stop a batch that runs. Only its provider's own portal can.";
  return html`<dt>Stopping it</dt><dd class="pair ${hasBrake ? "" : "warn"}"><span>${words}</span></dd>`;
}

function factView({ label, kind, lines }: Fact): Html {
  return html`<dt>${label}</dt><dd class="${kind}">${lines.map((line) => html`<span>${line}</span>`)}</dd>`;
}

function timeLeft({ expiresAt }: ApprovalRequest, now: Date): string {
  const minutes = Math.max(1, Math.round((expiresAt.getTime() - now.getTime()) / 60_000));
  return `This question ends in ${counted(minutes, "minute")}.`;
}

function secondsLeft({ expiresAt }: ApprovalRequest, now: Date): number {
  return Math.max(0, Math.round((expiresAt.getTime() - now.getTime()) / 1000));
}

/** Leads from an agreement to the page that shows everybody who is called, and the other batches. For who may read. */
export function dashboardLink(batchId: string): Html {
  return html`<section><a class="live" href="/#/batch/${encodeURIComponent(batchId)}">Watch it on the page of all batches</a></section>`;
}

/** Asks for the token of the server; `error` says what was wrong with the one before. */
export function loginView(action: string, error?: string): Html {
  return html`<h1>Batch calls: approvals</h1>
<p>Here a person agrees to phone calls that an assistant wants to make.</p>
<form action="${action}" method="post">
<label for="token">Token of this server</label>
<input id="token" name="token" type="password" autocomplete="current-password" required data-focus
 aria-invalid="${error ? "true" : "false"}" ${error ? html`aria-describedby="wrong"` : ""}>
${error ? html`<p class="error" id="wrong" role="alert">${error}</p>` : ""}
<div class="buttons"><button class="call">Log in</button></div>
<p class="quiet">You stay logged in for 15 minutes.</p>
</form>`;
}

/** The questions that wait, newest first, and below them the calls that were agreed to. */
export function questionListView(
  requests: readonly ApprovalRequest[],
  now: Date,
  root: string,
  agreed: Html | string,
): Html {
  const waiting = counted(requests.length, "question waits", "questions wait");
  return html`<h1 tabindex="-1" data-focus>${requests.length === 0 ? "Nothing waits for you" : waiting}</h1>
${requests.length === 0 ? html`<p>No assistant asks for calls at the moment.</p>` : ""}
${requests.map((request) => questionItem(request, now, root))}${agreed}
<section><form action="${root}/questions"><button>Look again</button></form></section>`;
}

function questionItem(request: ApprovalRequest, now: Date, root: string): Html {
  const { summary } = request;
  return html`<section><h2>${plainText(summary.name, 200)}</h2>
<p>${people(summary.recipients)}. Starts ${describeStart(summary)[0] ?? ""}. ${timeLeft(request, now)}</p>
<form action="${root}/question">${hiddenField("id", request.id)}<button>Look at it</button></form></section>`;
}
