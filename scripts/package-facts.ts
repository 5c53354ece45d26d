import { createRequire } from "node:module";
import { z } from "zod";

const text = z.string().min(1);

/** What package.json says of the package, for the texts and files that are made of it. */
export const packageFacts = z
  .object({
    name: text,
    version: text,
    description: text,
    license: text,
    author: text,
    homepage: z.url(),
    repository: z.object({ type: text, url: text }),
    bugs: z.object({ url: z.url() }),
    mcpName: text,
    keywords: z.array(text),
    engines: z.object({ node: text }),
  })
  .parse(createRequire(import.meta.url)("batch-call-mcp/package.json"));

/** The repository as a browser opens it. */
export const repositoryUrl = packageFacts.repository.url.replace(/^git\+/, "").replace(/\.git$/, "");

/** A text of the tables as plain words: other formats show its marks. */
export function withoutMarks(text: string): string {
  return text.replaceAll("`", "").replaceAll("**", "");
}
