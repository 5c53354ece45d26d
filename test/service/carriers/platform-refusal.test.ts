import { expect, test } from "vitest";
import { PlatformRefusal } from "../../../src/service/carriers/platforms/platform.ts";

test.each([
  ["API key is missing or invalid.", "Retell answered 401: API key is missing or invalid"],
  ["Wrong key", "Retell answered 401: Wrong key"],
  [undefined, "Retell answered 401"],
])("a platform's %j is the middle of a sentence", (words, message) => {
  expect(new PlatformRefusal("Retell", 401, words).message).toBe(message);
});
