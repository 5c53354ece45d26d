import { once } from "node:events";
import type { Server } from "node:http";
import { createBridge } from "./bridge.ts";
import { openLedger } from "./ledger.ts";
import { createTwilioCalls } from "./twilio-calls.ts";

const names = [
  "BRIDGE_SECRET",
  "BRIDGE_PUBLIC_URL",
  "TWILIO_ACCOUNT_SID",
  "TWILIO_AUTH_TOKEN",
  "AGENT_STREAM_URL",
] as const;

/** Runs the bridge by the environment variables of the README. Throws when one is missing. */
export async function startBridge(env: Readonly<Record<string, string | undefined>>): Promise<Server> {
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) throw new Error(`Set ${missing.join(", ")}; see README.md.`);
  const calls = createTwilioCalls({
    accountSid: env["TWILIO_ACCOUNT_SID"] ?? "",
    authToken: env["TWILIO_AUTH_TOKEN"] ?? "",
    publicUrl: (env["BRIDGE_PUBLIC_URL"] ?? "").replace(/\/+$/, ""),
    agentStreamUrl: env["AGENT_STREAM_URL"] ?? "",
    ...(env["TWILIO_API_URL"] && { apiUrl: env["TWILIO_API_URL"] }),
  });
  const ledger = openLedger(env["BRIDGE_LEDGER"] ?? "ledger.jsonl");
  const bridge = createBridge({ ledger, calls, secret: env["BRIDGE_SECRET"] ?? "", now: () => new Date() });
  bridge.once("close", () => ledger.close());
  bridge.listen(Number(env["BRIDGE_PORT"] ?? 9100), env["BRIDGE_HOST"] ?? "127.0.0.1");
  await once(bridge, "listening");
  return bridge;
}

if (process.argv[1] === import.meta.filename) await startBridge(process.env);
