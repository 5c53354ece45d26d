import { createHmac, timingSafeEqual } from "node:crypto";

const toleranceSeconds = 5 * 60;

/** The headers that sign a request to the batch-call service. */
export function signedHeaders(secret: string, body: string, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  return {
    "x-batch-call-timestamp": timestamp,
    "x-batch-call-signature": signatureOf(secret, timestamp, body),
  };
}

/**
 * The time stamp (Unix seconds) of a request that the batch-call service signed at most five minutes ago; undefined for
 * any other. `content` is the body or, for a look-up, the token.
 */
export function signedAt(
  secret: string,
  content: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: Date,
): number | undefined {
  const timestamp = String(headers["x-batch-call-timestamp"]);
  const given = Buffer.from(String(headers["x-batch-call-signature"]));
  const expected = Buffer.from(signatureOf(secret, timestamp, content));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const seconds = Number(timestamp);
  return Math.abs(now.getTime() / 1000 - seconds) <= toleranceSeconds ? seconds : undefined;
}

function signatureOf(secret: string, timestamp: string, content: string): string {
  return `v1=${createHmac("sha256", secret).update(`${timestamp}.${content}`).digest("hex")}`;
}
