import { html } from "hono/html";
import type { LiveBatch } from "../campaigns/approve/index.ts";
import { commandText } from "../lib/command-text.ts";
import { type Html, hiddenField } from "./views.ts";

/** Where a page asks how the calls stand, and where it stops them. */
export type LivePlace = {
  readonly live: string;
  readonly stop: string;
  /** The question that was agreed to. */
  readonly id: string;
};

export type LiveView = LivePlace & {
  /** Absent where it could not be read; then `words` say why. */
  readonly batch?: LiveBatch;
  /** What came of pressing the button, or of looking. */
  readonly words?: string;
};

/** The calls that were agreed to as they go. The page fetches `live` again and again and puts in what changed. */
export function liveView({ live, id, ...view }: LiveView): Html {
  const otherwise = `On the machine that makes the calls, ${commandText("stop-all")} in a terminal does, where calls of this API can be stopped.`;
  const lost = `No answer just now: how the calls stand may have changed since. This page asks again by itself. If it goes on so, the page cannot stop them. ${otherwise}`;
  const unstopped = `No answer just now: the calls may not have been stopped. Press the button again. ${otherwise}`;
  return html`<section data-live="${live}" data-id="${id}" data-lost="${lost}" data-unstopped="${unstopped}">${liveParts({ live, id, ...view })}
<p class="error" role="alert" data-told></p></section>`;
}

/** The inside of that, part by part: only a part that changed is put in, so that the keyboard stays where it is. */
export function liveParts({ stop, id, batch, words = "" }: LiveView): Html {
  const name = batch ? html`<h2>${batch.name}</h2>` : "";
  const facts = batch?.facts.map(({ label, text }) => html`<dt>${label}</dt><dd><span>${text}</span></dd>`) ?? [];
  const button =
    batch?.canStop === true
      ? html`<form action="${stop}" data-stops>${hiddenField("id", id)}<button class="stop">Stop the calls</button></form>
<p class="quiet">Nobody else is called then; calls in progress go on to their end. Your assistant can resume the batch, which asks you again where it has to.</p>`
      : "";
  return html`<div data-part>${name}</div>
<div data-part role="status" tabindex="-1">${batch ? html`<p class="state">${batch.state}</p>` : ""}${words === "" ? "" : html`<p>${words}</p>`}</div>
<div data-part>${facts.length === 0 ? "" : html`<dl>${facts}</dl>`}</div>
<div data-part${batch?.isOver ? html` data-over` : ""}>${button}</div>`;
}

/** Of calls at an account that a caller has keys for, which were not sent since the server started. */
export const keysElsewhere =
  "The keys of its account are not here since this server started: how it stands cannot be read, and it cannot be stopped from here. The next request of that caller brings them; the portal of the API shows and stops it meanwhile.";
