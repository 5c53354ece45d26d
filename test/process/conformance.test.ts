import { afterEach, describe, expect, it } from "vitest";
import { type Revision, runSuite, type Verdict } from "../support/conformance/run-suite.ts";
import { serveFixtures } from "../support/conformance/serve-fixtures.ts";
import { builtProgram, createHome, run } from "../support/process/spawn.ts";

// The official conformance suite. It starts on Node 22 and newer only.
const hasSuite = Number(process.versions.node.split(".")[0]) >= 22;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The scenarios that need nothing of the suite's own on a server. */
const withoutFixtures = {
  "2025-11-25": [
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
    "server-session-lifecycle",
    "server-sse-polling",
  ],
  "2026-07-28": [
    "tools-list",
    "resources-list",
    "prompts-list",
    "server-sse-multiple-streams",
    "dns-rebinding-protection",
    "caching",
    "sep-2164-resource-not-found",
    "http-header-validation",
    "input-required-result-missing-input-response",
    "input-required-result-unsupported-methods",
    "input-required-result-ignore-extra-params",
    "input-required-result-validate-input",
  ],
} as const;

/**
 * What a server without sessions cannot do up to 2025-11-25: ask its client while a call waits. Since 2026-07-28 it asks
 * between two calls, and all of it passes (docs/decisions/0045-conformance.md).
 */
const needsSession = {
  "2025-11-25": [
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "tools-call-elicitation",
    "tools-call-sampling",
  ],
  "2026-07-28": [],
} as const;

/** Not of the transport but of the protocol's tasks, an extension that is not offered. */
const isExtension = (scenario: string): boolean => scenario.startsWith("tasks-");

function failing({ failed }: Verdict): readonly string[] {
  const names = Object.keys(failed).filter((name) => !isExtension(name) && failed[name]?.length !== 0);
  return names.toSorted();
}

describe.runIf(hasSuite).each<Revision>(["2025-11-25", "2026-07-28"])("the conformance suite of %s", (revision) => {
  it("finds nothing wrong with the program", async () => {
    const home = await createHome();
    closers.push(() => home.remove());
    const program = run(await builtProgram(home, ["http"], { BATCH_CALL_HTTP_PORT: "0" }));
    closers.push(() => program.stop("SIGKILL"));
    const [url] = await program.answered(/http:\/\/127\.0\.0\.1:\d+\/mcp/);
    const { failed } = await runSuite(url, revision);
    for (const scenario of withoutFixtures[revision])
      expect({ [scenario]: failed[scenario] }).toEqual({ [scenario]: [] });
    // Of this one the suite can try all but what its own tools are for.
    const stateless = failed["server-stateless"] ?? [];
    expect(stateless.filter((failure) => !failure.includes("Not testable: server does not list"))).toEqual([]);
  });

  it("finds nothing wrong with the transport and the servers when they have the suite's own tools", async () => {
    const server = await serveFixtures();
    closers.push(() => server.close());
    const verdict = await runSuite(server.url, revision);
    expect(Object.keys(verdict.failed)).toEqual(expect.arrayContaining([...verdict.required]));
    expect(failing(verdict)).toEqual(needsSession[revision]);
  });
});
