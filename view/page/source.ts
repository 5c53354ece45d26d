import type { Source, ToolAnswer } from "../source.ts";

/** The server of this page wants a login first. */
export class LoginNeeded extends Error {}

/** Asks the page's own server. Throws its words where it refuses. */
export async function ask(path: string, body: object): Promise<unknown> {
  const response = await fetch(`/view/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const words = (answer as { readonly error?: string }).error ?? "The server refused.";
  throw response.status === 401 && path !== "login" ? new LoginNeeded(words) : new Error(words);
}

export const pageSource: Source = {
  hasTools: true,
  hasResources: true,
  call: async (name, args) => (await ask("call", { name, arguments: args })) as ToolAnswer,
  read: (uri) => ask("read", { uri }),
  openLink: (url) => location.assign(url),
  watch(uri, changed) {
    const id = uri === undefined ? "" : `?batch=${encodeURIComponent(uri.slice("batch://".length))}`;
    const events = new EventSource(`/view/events${id}`);
    events.addEventListener("changed", changed);
    return () => events.close();
  },
};
