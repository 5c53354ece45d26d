import type { CallToolResult } from "@modelcontextprotocol/server";

/** One transparent point. */
export const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR4nGNgAAIAAAUAAXpeqz8AAAAASUVORK5CYII=";

/** A header of a WAV file with no sound in it. */
const wav = Buffer.from(
  "524946462400000057415645666d74201000000001000100401f0000803e0000020010006461746100000000",
  "hex",
).toString("base64");

export const image = { type: "image", data: png, mimeType: "image/png" } as const;
export const audio = { type: "audio", data: wav, mimeType: "audio/wav" } as const;

export function text(words: string) {
  return { type: "text", text: words } as const;
}

export function said(words: string): CallToolResult {
  return { content: [text(words)] };
}

export function embedded(uri: string, mimeType: string, words: string) {
  return { type: "resource", resource: { uri, mimeType, text: words } } as const;
}
