import { logLevels } from "../lib/log-levels.ts";
import { accessRows } from "./access.ts";
import { carrierRows } from "./carrier.ts";
import type { SettingRow } from "./setting-row.ts";
import { webhookRows } from "./webhooks.ts";

/** Every setting, in the order of the table in docs/operating.md. */
export const settingRows: readonly SettingRow[] = [
  {
    name: "BATCH_CALL_API_URL",
    shownDefault: "https://api.zudu.ai when a key is set, else the self-started service",
    about: "Base URL of the batch-call API.",
    asked: { title: "API address", kind: "text" },
  },
  {
    name: "BATCH_CALL_API_KEY",
    shownDefault: "none",
    about: "Key of your API account (`X-API-KEY`). Without it everything is simulated.",
    asked: { title: "API key", kind: "secret" },
  },
  {
    name: "BATCH_CALL_API_SECRET",
    shownDefault: "none",
    about: "Secret of your API account (`X-API-SECRET`).",
    asked: { title: "API secret", kind: "secret" },
  },
  {
    name: "BATCH_CALL_DATA_DIR",
    shownDefault: "the platform's data directory",
    about: "Where batches, the launch ledger and the service's keys are kept.",
  },
  {
    name: "BATCH_CALL_FILES_DIR",
    shownDefault: "~/Documents/Batch Calls",
    about:
      "Folders that lists are read from by their path, one or several with `:` between them (`;` on Windows). Results are written to the first. Over stdio, and over HTTP on loopback.",
    asked: { title: "Folder for lists and results", kind: "directory" },
  },
  {
    name: "BATCH_CALL_CLIENT_ROOTS",
    shownDefault: "read",
    about:
      "Over stdio: `read` lists also from the folders that the client offers as its roots (never one that holds the home or the data directory), or `ignore` them.",
  },
  {
    name: "BATCH_CALL_DATABASE_URL",
    shownDefault: "none, a SQLite file in the data directory",
    about: "`service`, `worker`: PostgreSQL database for several dialing processes, `postgres://…` (docs/postgres.md).",
  },
  {
    name: "BATCH_CALL_DEFAULT_COUNTRY",
    shownDefault: "none; simulated, the caller id's country, where the list's own numbers say nothing else",
    about: "Country of numbers written without one, such as `US`.",
    asked: { title: "Default country", kind: "text" },
  },
  {
    name: "BATCH_CALL_TIMEZONE",
    shownDefault: "the machine's",
    about: "IANA zone of times given without one.",
    asked: { title: "Time zone", kind: "text" },
  },
  {
    name: "BATCH_CALL_APPROVAL",
    shownDefault: "auto",
    about:
      "Who agrees to a live launch: `auto` a person (form over stdio, page or `batch-call-mcp approve`), `form` the same with forms over HTTP too, of clients that speak MCP 2026-07-28 (others are led to the page; needs tokens, and trusts whoever has one with the scope `approve` to show them to a person), `host` the client's own tool prompt (at most 10 recipients a launch, 50 a day; a person where a resume needs agreement), `policy` nobody, within caps that must be set, but a person for a batch whose canary held it.",
  },
  {
    name: "BATCH_CALL_CALLING_HOURS",
    shownDefault: "08:00-21:00",
    about: "Live: when a phone may ring, on the recipient's clocks, in every zone that the number may be in.",
    asked: { title: "Calling hours", kind: "text" },
  },
  {
    name: "BATCH_CALL_HOURS_PRESET",
    shownDefault: "none",
    about:
      "Live, where our own service or worker calls: hours of the recipient's country hold besides, `marketing` (US, CA, IN, AU, FR) or `research` (AU). Facts with source and date, not legal advice; no states or provinces.",
  },
  {
    name: "BATCH_CALL_ALLOWED_COUNTRIES",
    shownDefault: "the caller id's country",
    about: "Live: countries that may be called, such as `US,CA`.",
    asked: { title: "Countries that may be called", kind: "text" },
  },
  {
    name: "BATCH_CALL_ALLOWED_NUMBER_TYPES",
    shownDefault: "fixed,mobile",
    about: "Live: kinds of numbers that may be called, of `fixed`, `mobile`, `toll_free`, `voip`, `personal`.",
  },
  {
    name: "BATCH_CALL_MAX_RECIPIENTS_PER_LAUNCH",
    shownDefault: "1000",
    about: "Live: recipients of one launch, at most.",
  },
  {
    name: "BATCH_CALL_MAX_RECIPIENTS_PER_DAY",
    shownDefault: "5000",
    about: "Live: recipients of all launches within any 24 hours, at most.",
  },
  {
    name: "BATCH_CALL_MAX_SPEND_PER_DAY",
    shownDefault: "none",
    about: "Live: what the calls of any 24 hours may cost at most, every attempt counted; needs the price.",
  },
  {
    name: "BATCH_CALL_PRICE_PER_CALL",
    shownDefault: "none",
    about:
      "Live: what one call costs, in the same currency as the spend; taken only together with `BATCH_CALL_MAX_SPEND_PER_DAY`.",
  },
  {
    name: "BATCH_CALL_CURRENCY",
    shownDefault: "none, amounts without one",
    about: "Live: currency of price and spend for whoever agrees to a start, such as `USD`.",
  },
  {
    name: "BATCH_CALL_TEST_NUMBERS",
    shownDefault: "none, no test calls",
    about:
      "Numbers that `test_call` may ring without anybody being asked, such as `+14155550123`: phones of your own. All other limits hold, except the hours between two batches (set it for the service too).",
    asked: { title: "Test phones", kind: "text" },
  },
  {
    name: "BATCH_CALL_REQUIRE_CONSENT",
    shownDefault: "off",
    about:
      "`on`: `create_batch_call` needs `purpose` and `consent_basis`, and no batch without them is started live, test calls aside.",
  },
  {
    name: "BATCH_CALL_MAX_CONCURRENT",
    shownDefault: "10; `retell`: 15, `elevenlabs`: 3, `vapi`: 8, `telnyx`, `twilio`: 2",
    about: "Service: calls in progress at once, per organization. On a platform never more than its account has lines.",
  },
  {
    name: "BATCH_CALL_MAX_CONCURRENT_PER_BATCH",
    shownDefault: "none",
    about: "Service: calls in progress at once, per batch. Lines are shared out evenly among batches without it, too.",
  },
  {
    name: "BATCH_CALL_STARTS_PER_SECOND",
    shownDefault: "5; a platform: 1, `telnyx`: 5",
    about: "Service: calls started per second, per caller id.",
  },
  {
    name: "BATCH_CALL_MIN_HOURS_BETWEEN_BATCHES",
    shownDefault: "24; 0 (no such rule) where calls are simulated",
    about:
      "Hours after a call in which a batch reached somebody (answered, voicemail, or nobody knows) in which the service calls that number for no other batch. Towards an API that does not tell whom it reached: hours between all calls of two batches to a number.",
  },
  {
    name: "BATCH_CALL_RESPONSE_ENVELOPE",
    shownDefault: "off",
    about:
      "Service: `on` answers POST /batch-call in the envelope of the API's older page, unless the request's `X-Response-Envelope` says otherwise.",
  },
  ...carrierRows,
  ...webhookRows,
  {
    name: "BATCH_CALL_SIMULATED_SPEED",
    shownDefault: "10",
    about:
      "Simulated carrier: how many times faster than life a call rings and talks. Schedules and retry waits stay real.",
  },
  {
    name: "BATCH_CALL_SIMULATED_SEED",
    shownDefault: "1",
    about: "Simulated carrier: the same seed gives the same outcomes.",
  },
  {
    name: "BATCH_CALL_HTTP_HOST",
    shownDefault: "127.0.0.1",
    about: "`http`: address to listen on. On any but loopback nobody gets in without a token (docs/access.md).",
  },
  { name: "BATCH_CALL_HTTP_PORT", shownDefault: "3000", about: "`http`: port." },
  ...accessRows,
  { name: "BATCH_CALL_SERVICE_PORT", shownDefault: "8080", about: "`service`: port on 127.0.0.1." },
  {
    name: "BATCH_CALL_WORKER_PORT",
    shownDefault: "none, nothing is served",
    about: "`worker`: port on 127.0.0.1 for `/healthz` and `/metrics`.",
  },
  { name: "BATCH_CALL_LOG_LEVEL", shownDefault: "info", about: `${logLevels.join(", ")}; the log goes to stderr.` },
];
