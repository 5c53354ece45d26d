/**
 * The steps that lead from an empty SQLite file to the newest schema, in order; a released step never changes.
 * Instants are integers in ms since 1970 UTC; booleans are 0 or 1; `*_json` holds JSON text.
 */
export const sqliteSchemaSteps: readonly string[] = [
  `
  CREATE TABLE batches (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    name TEXT NOT NULL,
    from_number TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft','scheduled','sent','completed','failed','cancelled')),
    is_paused INTEGER NOT NULL DEFAULT 0,
    paused_at INTEGER,
    held_reason TEXT,
    scheduled_at INTEGER,
    started_at INTEGER,
    last_dial_at INTEGER,
    rules_json TEXT NOT NULL,
    duplicates_removed INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX batches_of_organization ON batches (organization_id, created_at);
  CREATE INDEX batches_that_run ON batches (status) WHERE status IN ('scheduled', 'sent');

  CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    batch_id TEXT NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    row_number INTEGER NOT NULL,
    to_number TEXT NOT NULL,
    variables_json TEXT NOT NULL,
    max_retries INTEGER,
    status TEXT NOT NULL CHECK (status IN ('pending','calling','completed','failed','unknown','cancelled')),
    outcome TEXT,
    reason TEXT,
    attempt_count INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER,
    call_id TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (batch_id, to_number)
  ) STRICT;
  CREATE INDEX tasks_of_batch ON tasks (batch_id, row_number);
  -- Covers the counting of a batch, which must not read the variables.
  CREATE INDEX tasks_by_status ON tasks (batch_id, status, outcome, attempt_count, due_at);
  CREATE INDEX tasks_pending ON tasks (batch_id, attempt_count, due_at, row_number) WHERE status = 'pending';

  CREATE TABLE attempts (
    token TEXT PRIMARY KEY,
    task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    batch_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    attempt_number INTEGER NOT NULL,
    call_id TEXT NOT NULL UNIQUE,
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('claimed','starting','placed','ended')),
    claimed_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    outcome TEXT,
    ring_ms INTEGER,
    talk_ms INTEGER,
    transcript TEXT,
    summary TEXT,
    UNIQUE (task_id, attempt_number)
  ) STRICT;
  CREATE INDEX attempts_open ON attempts (organization_id, state) WHERE state <> 'ended';
  CREATE INDEX attempts_by_caller_id ON attempts (from_number, claimed_at);
  CREATE INDEX attempts_of_batch ON attempts (batch_id, claimed_at);

  CREATE TABLE do_not_call (
    organization_id TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    reason TEXT,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, phone_number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotent_requests (
    organization_id TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, key)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Who is next, and when the next one is due, must not take longer the more of a batch wait.
  DROP INDEX tasks_pending;
  CREATE INDEX tasks_not_dialed ON tasks (batch_id, due_at, row_number) WHERE status = 'pending' AND attempt_count = 0;
  CREATE INDEX tasks_to_retry ON tasks (batch_id, due_at, row_number) WHERE status = 'pending' AND attempt_count > 0;
  `,
  `
  -- What the statements shared with PostgreSQL read: the name in lower case, by the program's fold(), ...
  ALTER TABLE batches ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
  UPDATE batches SET name_folded = fold(name);
  -- ... and when an attempt passed its last check. Until now only the claim just before it was kept.
  ALTER TABLE attempts ADD COLUMN begun_at INTEGER;
  UPDATE attempts SET begun_at = claimed_at WHERE state <> 'claimed';
  DROP INDEX attempts_of_batch;
  CREATE INDEX attempts_of_batch ON attempts (batch_id, begun_at);
  `,
  `
  -- Other calls to a number, of whatever batch, by when we recorded their ends. ended_at is what the carrier says.
  ALTER TABLE attempts ADD COLUMN recorded_at INTEGER;
  UPDATE attempts SET recorded_at = ended_at WHERE state = 'ended';
  CREATE INDEX attempts_by_number ON attempts (organization_id, to_number, recorded_at);
  `,
  `
  -- What people agreed to. Without an open grant for the content that a batch has now, none of its recipients is dialed.
  CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    batch_id TEXT NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    content_digest TEXT NOT NULL,
    channel TEXT NOT NULL,
    principal TEXT NOT NULL,
    client TEXT,
    approval_id TEXT,
    max_recipients INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open','suspended','ended')),
    resumable_until INTEGER,
    why TEXT,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX grants_of_batch ON grants (batch_id);
  ALTER TABLE batches ADD COLUMN grant_id TEXT;
  -- Filled in by the program where they are empty: SQLite has no hash function.
  ALTER TABLE batches ADD COLUMN list_digest TEXT NOT NULL DEFAULT '';
  ALTER TABLE batches ADD COLUMN content_digest TEXT NOT NULL DEFAULT '';
  ALTER TABLE batches ADD COLUMN max_attempts INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE attempts ADD COLUMN grant_id TEXT;
  -- Whose calls are stopped; '*' stands for everybody's.
  CREATE TABLE kill_switches (organization_id TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT;
  -- The pages of an organization's calls, newest first.
  CREATE INDEX attempts_of_organization ON attempts (organization_id, claimed_at, token);
  `,
  `
  -- A second number, called when the first was not reached, and how many attempts had gone to the first one by then.
  ALTER TABLE tasks ADD COLUMN fallback_number TEXT;
  ALTER TABLE tasks ADD COLUMN fallback_after INTEGER;
  `,
  `
  -- Who asked and when, in their words, and which way an entry came. is_read: today's form of the number is listed as well
  -- where it has one, which the program sees to once.
  ALTER TABLE do_not_call ADD COLUMN requested_by TEXT;
  ALTER TABLE do_not_call ADD COLUMN requested_at TEXT;
  ALTER TABLE do_not_call ADD COLUMN added_by TEXT;
  ALTER TABLE do_not_call ADD COLUMN is_read INTEGER NOT NULL DEFAULT 1;
  UPDATE do_not_call SET is_read = 0;
  CREATE INDEX do_not_call_unread ON do_not_call (is_read) WHERE is_read = 0;
  -- The pages of the list, newest first.
  CREATE INDEX do_not_call_by_age ON do_not_call (organization_id, (-added_at), phone_number);
  `,
  `
  -- Another after each pause, hold, stop, start and change of time: a start names the one that it was planned for.
  ALTER TABLE batches ADD COLUMN state_version INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- The recipient's own clock, and the instant before which they are not called.
  ALTER TABLE tasks ADD COLUMN timezone TEXT;
  ALTER TABLE tasks ADD COLUMN not_before INTEGER;
  `,
  `
  -- The time before which nobody is called on their own clock.
  ALTER TABLE batches ADD COLUMN not_before_local TEXT;
  `,
  `
  -- What is, or may be, with a provider of calls: a send is one request, for one call or several.
  CREATE TABLE sends (
    reference TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('prepared','sending','accepted','in_doubt','not_now','refused')),
    -- What the provider calls it.
    provider_id TEXT,
    prepared_at INTEGER NOT NULL,
    sent_at INTEGER,
    settles_at INTEGER,
    reason TEXT,
    -- 1 while something of it may lie at the provider that has to be taken away.
    is_left INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sends_left ON sends (prepared_at) WHERE is_left = 1;
  CREATE TABLE sent_calls (
    token TEXT PRIMARY KEY,
    reference TEXT NOT NULL REFERENCES sends (reference),
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    provider_call_id TEXT
  ) STRICT;
  -- Who places the calls of this store: one row, as the first one that did.
  CREATE TABLE provider (name TEXT NOT NULL) STRICT;
  `,
  `
  -- Why people are called, and what entitles somebody to call them.
  ALTER TABLE batches ADD COLUMN purpose TEXT;
  ALTER TABLE batches ADD COLUMN consent_basis TEXT;
  `,
  `
  -- Quiet hours may close weekdays and dates, within rules. A copy that would not read them, and call, stops here.
  SELECT 1;
  `,
  `
  -- When it was acted upon that the person asked in this call not to be called any more.
  ALTER TABLE attempts ADD COLUMN opted_out_at INTEGER;
  CREATE INDEX attempts_opted_out ON attempts (batch_id) WHERE opted_out_at IS NOT NULL;
  `,
  `
  -- What is to be found out in every call, and what was: a JSON list of names and values.
  ALTER TABLE batches ADD COLUMN answers_wanted_json TEXT;
  ALTER TABLE attempts ADD COLUMN answers_json TEXT;
  CREATE INDEX attempts_with_answers ON attempts (batch_id) WHERE answers_json IS NOT NULL;
  `,
  `
  -- Whom other batches called, or reached, lately can be excluded, within rules. A copy that would not read that, and call, stops here.
  SELECT 1;
  `,
  `
  -- Since when it is known that this call rings, or is over. What is with the provider and has none may still ring.
  ALTER TABLE sent_calls ADD COLUMN rang_at INTEGER;
  `,
  `
  -- Quiet hours may close the public holidays of each recipient's country. A copy that would not read that, and call, stops here.
  SELECT 1;
  `,
  `
  -- Whom events are told to: endpoints of the operator by a name of their URL, which is nowhere, and when a process last had it.
  CREATE TABLE event_endpoints (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    served_at INTEGER NOT NULL
  ) STRICT;
  -- Events that wait to be told (settled_at is empty), and for a while those that were told or given up, which are parked.
  CREATE TABLE event_messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    type TEXT NOT NULL,
    data_json TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    settled_at INTEGER,
    is_parked INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  -- The line of a batch, and which batches have one.
  CREATE INDEX event_messages_waiting ON event_messages (endpoint_id, batch_id, sequence) WHERE settled_at IS NULL;
  CREATE INDEX event_messages_settled ON event_messages (settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX event_messages_parked ON event_messages (sequence) WHERE is_parked = 1;
  -- Lines that somebody tells of at this moment, or that wait after a failure.
  CREATE TABLE event_streams (
    endpoint_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    claim TEXT NOT NULL,
    lease_until INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    PRIMARY KEY (endpoint_id, batch_id)
  ) STRICT;
  `,
  `
  -- A voicemail may be accepted, or left a message, within rules; what else is known of a call, such as that one was left, is JSON.
  ALTER TABLE attempts ADD COLUMN details_json TEXT;
  `,
  `
  -- A batch may have a canary and conditions of its end, within rules, and is steered while it runs: its pace, and what became
  -- of its canary, as JSON. A copy that would not read that, and call, stops here.
  ALTER TABLE batches ADD COLUMN steering_json TEXT;
  `,
  `
  -- Batches may be one campaign: canary, conditions of the end and pace hold for all of them together. A copy that would count each
  -- by itself, and call, stops here.
  ALTER TABLE batches ADD COLUMN campaign_id TEXT;
  CREATE INDEX batches_of_campaign ON batches (organization_id, campaign_id) WHERE campaign_id IS NOT NULL;
  `,
  `
  -- An event that was given up can be put back in line, and is tried for as long again from then on.
  ALTER TABLE event_messages ADD COLUMN resent_at INTEGER;
  `,
  `
  -- Caller ids of a batch that its account turned out not to have, and since when, as JSON: every process leaves them out, and shows them.
  ALTER TABLE batches ADD COLUMN gone_caller_ids_json TEXT;
  `,
];
