import { type ApprovalRequest, describeStart, people } from "../campaigns/approve/index.ts";
import { plainText } from "../domain/text.ts";
import { type Html, html } from "./html.ts";
import { hiddenId, timeLeft } from "./views.ts";

export function loginView(action: string, error?: string): Html {
  return html`<h1>Batch calls: approvals</h1>
<p>Here a person agrees to phone calls that an assistant wants to make.</p>
<form action="${action}" method="post">
<label for="token">Token of this server (BATCH_CALL_HTTP_TOKEN)</label>
<input id="token" name="token" type="password" autocomplete="current-password" required data-focus
 aria-invalid="${error ? "true" : "false"}" ${error ? html`aria-describedby="wrong"` : ""}>
${error ? html`<p class="error" id="wrong" role="alert">${error}</p>` : ""}
<div class="buttons"><button class="call">Log in</button></div>
<p class="quiet">You stay logged in for 15 minutes.</p>
</form>`;
}

/** The questions that wait, newest first. */
export function questionListView(requests: readonly ApprovalRequest[], now: Date, root: string): Html {
  const waiting = requests.length === 1 ? "1 question waits" : `${requests.length} questions wait`;
  return html`<h1 tabindex="-1" data-focus>${requests.length === 0 ? "Nothing waits for you" : waiting}</h1>
${requests.length === 0 ? html`<p>No assistant asks for calls at the moment.</p>` : ""}
${requests.map((request) => questionItem(request, now, root))}
<section><form action="${root}/questions"><button>Look again</button></form></section>`;
}

function questionItem(request: ApprovalRequest, now: Date, root: string): Html {
  const { summary } = request;
  return html`<section><h2>${plainText(summary.name, 200)}</h2>
<p>${people(summary.recipients)}. Starts ${describeStart(summary)[0] ?? ""}. ${timeLeft(request, now)}</p>
<form action="${root}/question">${hiddenId(request.id)}<button>Look at it</button></form></section>`;
}
