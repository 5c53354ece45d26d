import { html } from "hono/html";
import type { AskedPerson } from "../campaigns/approve/index.ts";
import { type Html, hiddenField, type QuestionPlace } from "./views.ts";

const count = new Intl.NumberFormat("en-US");

type Place = QuestionPlace & { readonly question: string };

export type PeopleView = {
  readonly shown: readonly AskedPerson[];
  readonly total: number;
  /** From 0. */
  readonly page: number;
  readonly limit: number;
  /** What was searched for; empty where everybody is shown. */
  readonly search: string;
  readonly place: Place;
};

/** Some of those who would be called, to look at. */
export function peopleView({ shown, total, page, limit, search, place }: PeopleView): Html {
  const first = page * limit + 1;
  const who = search === "" ? "" : ` whose row, name or number holds "${search}"`;
  const range = shown.length === 0 ? "nobody" : `${count.format(first)} to ${count.format(first + shown.length - 1)}`;
  const found = `${range} of ${count.format(total)}${who}, numbers masked. Nothing is agreed to here.`;
  const hasNames = shown.some(({ label }) => label !== undefined);
  return html`<h1 tabindex="-1" data-focus>Who would be called</h1>
${searchForm(place, search)}
<p>${found}</p>
${
  shown.length === 0
    ? ""
    : html`<table><thead><tr><th scope="col">Row</th>${hasNames ? html`<th scope="col">Name</th>` : ""}<th scope="col">Number</th></tr></thead>
<tbody>${shown.map((person) => personRow(person, hasNames))}</tbody></table>`
}
<div class="buttons">
${page > 0 ? toPage(place, search, page - 1, "Previous page") : ""}
${first + shown.length - 1 < total && shown.length > 0 ? toPage(place, search, page + 1, "Next page") : ""}
</div>
${wayBack(place)}`;
}

function searchForm({ people = "", id }: Place, search: string): Html {
  return html`<form action="${people}" class="search">${id ? hiddenField("id", id) : ""}
<label for="search">Row, name or number</label>
<input id="search" name="search" type="search" autocomplete="off" maxlength="80" value="${search}"> <button>Search</button></form>`;
}

/** Leads from a list back to its question. */
export function wayBack({ question, id }: Place): Html {
  return html`<section><form action="${question}">${id ? hiddenField("id", id) : ""}<button>Back to the question</button></form></section>`;
}

function personRow({ row, label, maskedNumber }: AskedPerson, hasNames: boolean): Html {
  return html`<tr><td>${row ?? ""}</td>${hasNames ? html`<td>${label ?? ""}</td>` : ""}<td>${maskedNumber}</td></tr>`;
}

function toPage({ people = "", id }: Place, search: string, page: number, label: string): Html {
  return html`<form action="${people}">${id ? hiddenField("id", id) : ""}${hiddenField("search", search)}${hiddenField("page", String(page))}<button>${label}</button></form>`;
}
