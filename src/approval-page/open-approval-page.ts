import type { ApprovalRequest } from "../campaigns/approve/index.ts";
import type { ApprovalPage, OneTimePageParts } from "./one-time-page.ts";
import { hasBrowser, openInBrowser } from "./open-in-browser.ts";

/** How a person gets to a question: their browser shows it, their terminal shows the link, or neither can. */
export type OpenedPage = "opened" | "printed" | "nowhere";

export type ApprovalPageOpener = {
  /** Puts the question before the person. For a batch whose page was opened less than a minute ago it is not opened again: that page shows the newest question. */
  open(request: ApprovalRequest): Promise<OpenedPage>;
  close(): Promise<void>;
};

export type ApprovalPageOpenerParts = OneTimePageParts & {
  /** Writes a line where only a person reads: a terminal. Absent when there is none, as under a desktop client. */
  readonly tellTerminal?: (line: string) => void;
};

const reopenAfterMs = 60_000;

/** The one-time page, which is loaded and begins to listen with the first question. */
export function createApprovalPageOpener(parts: ApprovalPageOpenerParts): ApprovalPageOpener {
  const { clock, tellTerminal } = parts;
  const recent = new Map<string, { readonly at: Date; readonly how: Promise<OpenedPage> }>();
  let page: Promise<ApprovalPage> | undefined;

  const present = async (request: ApprovalRequest): Promise<OpenedPage> => {
    page ??= start(parts);
    const started = await page;
    if (await showInBrowser(started, request, parts)) return "opened";
    if (!tellTerminal) return "nowhere";
    tellTerminal(`A launch waits for your approval. Open this link within 15 minutes: ${started.urlFor(request)}`);
    return "printed";
  };

  return {
    open(request) {
      const now = clock.now();
      const last = recent.get(request.summary.batchId);
      if (last && now.getTime() - last.at.getTime() < reopenAfterMs) return last.how;
      const how = present(request);
      recent.set(request.summary.batchId, { at: now, how });
      return how;
    },
    async close() {
      await (await page)?.close();
    },
  };
}

/** Never by the link itself: where no file can be kept private, no browser is opened. */
async function showInBrowser(
  page: ApprovalPage,
  request: ApprovalRequest,
  { desktop, clock, log }: ApprovalPageOpenerParts,
): Promise<boolean> {
  if (!hasBrowser(desktop)) return false;
  try {
    return await openInBrowser(await page.fileFor(request), desktop, clock);
  } catch (err) {
    log.warn({ err }, "no private file could be written, so no browser was opened for a question");
    return false;
  }
}

async function start(parts: OneTimePageParts): Promise<ApprovalPage> {
  const { startApprovalPage } = await import("./one-time-page.ts");
  return startApprovalPage(parts);
}
