import { createHash } from "node:crypto";
import { isObject } from "../../../../contract/envelope.ts";
import { jsonOf } from "../answers.ts";
import { tokenKey, toMarks } from "../marks.ts";

/** What Telnyx keeps with a call, and gives back with its events: base64 of our marks. */
export function toClientState(token: string, reference: string): string {
  return Buffer.from(JSON.stringify(toMarks(token, reference))).toString("base64");
}

/** Undefined where it is none of ours. */
export function tokenIn(clientState: string): string | undefined {
  const marks = jsonOf(Buffer.from(clientState, "base64").toString("utf8"));
  const token = isObject(marks) ? marks[tokenKey] : undefined;
  return typeof token === "string" && token !== "" ? token : undefined;
}

/** Any constant will do, as long as it stays the same (RFC 9562, 5.5). */
const namespace = Buffer.from("5f0f1c0e6a5b4a0f9b0d5d0c3c1b7a42", "hex");

/**
 * The `command_id` of a send, a UUIDv5 of its reference: Telnyx ignores a second dial under the same one within 60 s, whoever on the way
 * repeated it.
 */
export function toCommandId(reference: string): string {
  const bytes = createHash("sha1").update(namespace).update(reference).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
