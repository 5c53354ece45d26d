import { format, inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.ts";

const secret = new Secret("s3cr3t_canary");

test.each([
  ["text", () => `${secret}`],
  ["concatenation", () => "key: ".concat(String(secret))],
  ["JSON", () => JSON.stringify({ nested: { secret } })],
  ["inspect", () => inspect({ nested: { secret } }, { depth: 9, showHidden: true })],
  ["console formatting", () => format("%s %o %j", secret, secret, secret)],
  ["its own keys", () => JSON.stringify([Object.entries(secret), { ...secret }])],
])("a secret does not show as %s", (_way, show) => {
  expect(show()).not.toContain("canary");
});

test("reveal gives the value", () => {
  expect(secret.reveal()).toBe("s3cr3t_canary");
});

test("what shows instead says that something is hidden", () => {
  expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual(["[secret]", '"[secret]"', "[secret]"]);
});
