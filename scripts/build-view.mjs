/**
 * Bundles the pages in view/ into dist/view/: each one file that loads nothing, whose only script and style a content
 * security policy names by their hashes. A part of scripts/build.mjs.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = new URL("..", import.meta.url);

/** Returns the paths of the modules that are in the pages. */
export async function buildViews() {
  const style = await readStyle();
  await mkdir(new URL("dist/view/", root), { recursive: true });
  // A view in a host reaches its server through the host alone; the server's own page asks the server.
  const campaign = await build("campaign", "campaign-app.tsx", "'none'", style);
  return [...campaign, ...(await build("page", "page/app.tsx", "'self'", style))];
}

async function build(name, entry, connect, style) {
  const { script, modules } = await bundle(fileURLToPath(new URL(`view/${entry}`, root)));
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%23116329'/%3E%3Cpath d='M4 11V8M8 11V5M12 11V7' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E">
<title>Batch calls</title>
<style>${style}</style>
</head>
<body>
<div id="root"><noscript>This page needs JavaScript.</noscript></div>
<script>${script}</script>
</body>
</html>
`;
  await writeFile(new URL(`dist/view/${name}.html`, root), html);
  return modules;
}

async function bundle(input) {
  const built = await rolldown({
    input,
    tsconfig: fileURLToPath(new URL("view/tsconfig.json", root)),
    transform: { target: "es2022" },
  });
  const { output } = await built.generate({ format: "iife", minify: true });
  await built.close();
  // The parser of HTML ends a script at the first of these, in a string too.
  const script = output[0].code.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  return { script, modules: output[0].moduleIds };
}

async function readStyle() {
  const text = await readFile(new URL("view/style.css", root), "utf8");
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ ?([{};,]) ?/g, "$1")
    .trim();
}

function hashOf(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
