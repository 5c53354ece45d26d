import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { commandText } from "../lib/command-text.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";
import { type Html, messageView } from "./views.ts";

const refused = messageView({
  title: "This was refused",
  text: "The program that asked did not take this request. Nothing was agreed by it. Open the page again.",
});
const gone = messageView({
  title: "Nobody answers here any more",
  text: "The program that asked has ended. If you had just answered, ask your assistant whether the batch was started; else nobody is called because of this page.",
});

/** The page without any content of its own: its script fetches that from `first`, and needs a secret or a login for it. */
export function renderDocument(first: string): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Batch calls</title>
<style>${raw(style)}</style>
</head>
<body>
<main data-first="${first}" data-refused="${refused.toString()}" data-gone="${gone.toString()}">
<h1>Batch calls</h1>
<noscript><p>This page needs JavaScript to answer. In a terminal, <code>${commandText("approve")}</code> does the same.</p></noscript>
</main>
<script>${raw(script)}</script>
</body>
</html>
`;
}

/** The document's own script and style, as a content security policy names them. */
export const sources = { script: toHashSource(script), style: toHashSource(style) };

function toHashSource(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
