import { createHash } from "node:crypto";
import { Html, html } from "./html.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";
import { messageView } from "./views.ts";

const refused = messageView({
  title: "This was refused",
  text: "The program that asked did not take this request. Nothing was agreed by it. Open the page anew.",
});
const gone = messageView({
  title: "Nobody answers here any more",
  text: "The program that asked has ended. If you had just answered, ask your assistant whether the batch was started; else nobody is called because of this page.",
});

/** The page without any content of its own: its script fetches that from `first`, and needs a secret or a login for it. */
export function renderDocument(first: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Batch calls</title>
<style>${new Html(style)}</style>
</head>
<body>
<main data-first="${first}" data-refused="${refused.text}" data-gone="${gone.text}">
<h1>Batch calls</h1>
<noscript><p>This page needs JavaScript to answer. In a terminal, <code>batch-call-mcp approve</code> does the same.</p></noscript>
</main>
<script>${new Html(script)}</script>
</body>
</html>
`.text;
}

/** Nothing may load but what the document itself holds, by its hash; it may talk to its own server and stand in no frame. */
export const documentPolicy = [
  "default-src 'none'",
  `script-src '${hashSource(script)}'`,
  `style-src '${hashSource(style)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function hashSource(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
