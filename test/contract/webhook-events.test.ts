import { readFile } from "node:fs/promises";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { webhookBody } from "../../src/contract/webhook-events.ts";
import { Secret } from "../../src/domain/secret.ts";
import { signedHeaders } from "../../src/service/webhooks/sign.ts";

const page = await readFile(new URL("../../docs/webhooks.md", import.meta.url), "utf8");
const types = webhookBody.options.map((option) => option.shape.type.value);

test("the examples of the page are what its contract says, and every type is named there", () => {
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text ?? ""));
  expect(examples.map((example) => webhookBody.parse(example).type)).toEqual([
    "batch.started",
    "batch.held",
    "call.ended",
    "recipient.opted_out",
    "batch.finished",
  ]);
  for (const type of types) expect(page).toContain(`\`${type}\``);
});

// The vector of the specification's page on signatures: Standard Webhooks 1.0.
test("a signature is that of the specification, and of its library", () => {
  const secret = new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const [id, sentAt, body] = ["msg_p5jXN8AQM9LWM0D4loKWxJek", new Date(1_614_265_330_000), '{"test": 2432232314}'];
  const headers = signedHeaders(secret, id, sentAt, body);
  expect(headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  expect(headers["webhook-signature"]).toBe(new Webhook(secret.reveal()).sign(id, sentAt, body));
});
