/**
 * The steps that lead from an empty database to the newest schema, in order; a released step never changes. A row means
 * the same as in SQLite: instants are integers in ms since 1970 UTC, booleans are 0 or 1, `*_json` holds JSON text.
 */
export const postgresSchemaSteps: readonly string[] = [
  `
  -- One row: 'simulated' or 'live', as the first process that dialed was.
  CREATE TABLE batch_call.environment (environment TEXT NOT NULL);

  CREATE TABLE batch_call.organizations (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the pair of keys, hex; the keys themselves are nowhere.
    key_hash TEXT NOT NULL UNIQUE
  );

  CREATE TABLE batch_call.batches (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- In lower case by the program: what lower() does depends on the database's locale.
    name_folded TEXT NOT NULL,
    from_number TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft','scheduled','sent','completed','failed','cancelled')),
    is_paused INTEGER NOT NULL DEFAULT 0,
    paused_at BIGINT,
    held_reason TEXT,
    scheduled_at BIGINT,
    started_at BIGINT,
    rules_json TEXT NOT NULL,
    duplicates_removed INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- The order of creation within a millisecond.
    sequence BIGINT GENERATED ALWAYS AS IDENTITY
  );
  CREATE INDEX batches_of_organization ON batch_call.batches (organization_id, created_at);
  CREATE INDEX batches_that_run ON batch_call.batches (status) WHERE status IN ('scheduled', 'sent');

  CREATE TABLE batch_call.tasks (
    id TEXT PRIMARY KEY,
    batch_id TEXT NOT NULL REFERENCES batch_call.batches (id) ON DELETE CASCADE,
    row_number INTEGER NOT NULL,
    to_number TEXT NOT NULL,
    variables_json TEXT NOT NULL,
    max_retries INTEGER,
    status TEXT NOT NULL CHECK (status IN ('pending','calling','completed','failed','unknown','cancelled')),
    outcome TEXT,
    reason TEXT,
    attempt_count INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT,
    call_id TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (batch_id, to_number)
  );
  CREATE INDEX tasks_of_batch ON batch_call.tasks (batch_id, row_number);
  -- Covers the counting of a batch, which must not read the variables.
  CREATE INDEX tasks_by_status ON batch_call.tasks (batch_id, status, outcome, attempt_count, due_at);
  -- Who is next, and when the next one is due; a task without a due time is due from the beginning.
  CREATE INDEX tasks_not_dialed ON batch_call.tasks (batch_id, coalesce(due_at, 0), row_number)
    WHERE status = 'pending' AND attempt_count = 0;
  CREATE INDEX tasks_to_retry ON batch_call.tasks (batch_id, coalesce(due_at, 0), row_number)
    WHERE status = 'pending' AND attempt_count > 0;

  CREATE SEQUENCE batch_call.fences;
  CREATE TABLE batch_call.attempts (
    token TEXT PRIMARY KEY,
    task_id TEXT NOT NULL REFERENCES batch_call.tasks (id) ON DELETE CASCADE,
    batch_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    attempt_number INTEGER NOT NULL,
    call_id TEXT NOT NULL UNIQUE,
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('claimed','starting','placed','ended')),
    -- The process that has it in hand, and a number that is new whenever it passes into other hands.
    owner TEXT NOT NULL,
    fence BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL,
    -- When it passed its last check.
    begun_at BIGINT,
    started_at BIGINT,
    ended_at BIGINT,
    outcome TEXT,
    ring_ms BIGINT,
    talk_ms BIGINT,
    transcript TEXT,
    summary TEXT,
    UNIQUE (task_id, attempt_number)
  );
  CREATE INDEX attempts_open ON batch_call.attempts (organization_id, state) WHERE state <> 'ended';
  CREATE INDEX attempts_starting ON batch_call.attempts (batch_id) WHERE state = 'starting';
  CREATE INDEX attempts_by_caller_id ON batch_call.attempts (from_number, claimed_at);
  CREATE INDEX attempts_of_organization ON batch_call.attempts (organization_id, claimed_at);
  CREATE INDEX attempts_of_batch ON batch_call.attempts (batch_id, begun_at);

  CREATE TABLE batch_call.workers (
    id TEXT PRIMARY KEY,
    lease_until BIGINT NOT NULL
  );

  CREATE TABLE batch_call.do_not_call (
    organization_id TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    reason TEXT,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, phone_number)
  );

  CREATE TABLE batch_call.idempotent_requests (
    organization_id TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organization_id, key)
  );
  CREATE INDEX idempotent_requests_by_age ON batch_call.idempotent_requests (created_at);
  `,
  `
  -- Other calls to a number, of whatever batch, by when we recorded their ends. ended_at is what the carrier says.
  ALTER TABLE batch_call.attempts ADD COLUMN recorded_at BIGINT;
  UPDATE batch_call.attempts SET recorded_at = ended_at WHERE state = 'ended';
  CREATE INDEX attempts_by_number ON batch_call.attempts (organization_id, to_number, recorded_at);
  `,
  `
  -- What people agreed to. Without an open grant for the content that a batch has now, none of its recipients is dialed.
  CREATE TABLE batch_call.grants (
    id TEXT PRIMARY KEY,
    batch_id TEXT NOT NULL REFERENCES batch_call.batches (id) ON DELETE CASCADE,
    content_digest TEXT NOT NULL,
    channel TEXT NOT NULL,
    principal TEXT NOT NULL,
    client TEXT,
    approval_id TEXT,
    max_recipients INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    last_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open','suspended','ended')),
    resumable_until BIGINT,
    why TEXT,
    created_at BIGINT NOT NULL
  );
  CREATE INDEX grants_of_batch ON batch_call.grants (batch_id);
  ALTER TABLE batch_call.batches ADD COLUMN grant_id TEXT;
  -- Filled in by the program where they are empty, with the same function as on SQLite.
  ALTER TABLE batch_call.batches ADD COLUMN list_digest TEXT NOT NULL DEFAULT '';
  ALTER TABLE batch_call.batches ADD COLUMN content_digest TEXT NOT NULL DEFAULT '';
  ALTER TABLE batch_call.batches ADD COLUMN max_attempts INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE batch_call.attempts ADD COLUMN grant_id TEXT;
  -- Whose calls are stopped; '*' stands for everybody's.
  CREATE TABLE batch_call.kill_switches (organization_id TEXT PRIMARY KEY, since BIGINT NOT NULL);
  `,
  `
  -- A second number, called when the first was not reached, and how many attempts had gone to the first one by then.
  ALTER TABLE batch_call.tasks ADD COLUMN fallback_number TEXT;
  ALTER TABLE batch_call.tasks ADD COLUMN fallback_after INTEGER;
  `,
  `
  -- Who asked and when, in their words, and which way an entry came. is_read: today's form of the number is listed as well
  -- where it has one, which the program sees to once.
  ALTER TABLE batch_call.do_not_call ADD COLUMN requested_by TEXT;
  ALTER TABLE batch_call.do_not_call ADD COLUMN requested_at TEXT;
  ALTER TABLE batch_call.do_not_call ADD COLUMN added_by TEXT;
  ALTER TABLE batch_call.do_not_call ADD COLUMN is_read INTEGER NOT NULL DEFAULT 1;
  UPDATE batch_call.do_not_call SET is_read = 0;
  CREATE INDEX do_not_call_unread ON batch_call.do_not_call (is_read) WHERE is_read = 0;
  -- The pages of the list, newest first.
  CREATE INDEX do_not_call_by_age ON batch_call.do_not_call (organization_id, (-added_at), phone_number);
  `,
  `
  -- Another after each pause, hold, stop, start and change of time: a start names the one that it was planned for.
  ALTER TABLE batch_call.batches ADD COLUMN state_version INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- When the last dials of each caller id began. One row for all of them: processes that dial at once wait for each other here.
  CREATE TABLE batch_call.paces (from_number TEXT PRIMARY KEY, begun BIGINT[] NOT NULL);
  `,
  `
  -- The recipient's own clock, and the instant before which they are not called.
  ALTER TABLE batch_call.tasks ADD COLUMN timezone TEXT;
  ALTER TABLE batch_call.tasks ADD COLUMN not_before BIGINT;
  `,
  `
  -- The time before which nobody is called on their own clock.
  ALTER TABLE batch_call.batches ADD COLUMN not_before_local TEXT;
  `,
  `
  -- What is, or may be, with a provider of calls: a send is one request, for one call or several.
  CREATE TABLE batch_call.sends (
    reference TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('prepared','sending','accepted','in_doubt','not_now','refused')),
    -- What the provider calls it.
    provider_id TEXT,
    prepared_at BIGINT NOT NULL,
    sent_at BIGINT,
    settles_at BIGINT,
    reason TEXT,
    -- 1 while something of it may lie at the provider that has to be taken away.
    is_left INTEGER NOT NULL
  );
  CREATE INDEX sends_left ON batch_call.sends (prepared_at) WHERE is_left = 1;
  CREATE TABLE batch_call.sent_calls (
    token TEXT PRIMARY KEY,
    reference TEXT NOT NULL REFERENCES batch_call.sends (reference),
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    provider_call_id TEXT
  );
  -- Who places the calls of this store: one row, as the first one that did.
  CREATE TABLE batch_call.provider (name TEXT NOT NULL);
  `,
  `
  -- Why people are called, and what entitles somebody to call them.
  ALTER TABLE batch_call.batches ADD COLUMN purpose TEXT;
  ALTER TABLE batch_call.batches ADD COLUMN consent_basis TEXT;
  `,
  `
  -- Quiet hours may close weekdays and dates, within rules. A copy that would not read them, and call, stops here.
  SELECT 1;
  `,
  `
  -- When it was acted upon that the person asked in this call not to be called any more.
  ALTER TABLE batch_call.attempts ADD COLUMN opted_out_at BIGINT;
  CREATE INDEX attempts_opted_out ON batch_call.attempts (batch_id) WHERE opted_out_at IS NOT NULL;
  `,
  `
  -- What is to be found out in every call, and what was: a JSON list of names and values.
  ALTER TABLE batch_call.batches ADD COLUMN answers_wanted_json TEXT;
  ALTER TABLE batch_call.attempts ADD COLUMN answers_json TEXT;
  CREATE INDEX attempts_with_answers ON batch_call.attempts (batch_id) WHERE answers_json IS NOT NULL;
  `,
  `
  -- Whom other batches called, or reached, lately can be excluded, within rules. A copy that would not read that, and call, stops here.
  SELECT 1;
  `,
  `
  -- Since when it is known that this call rings, or is over. What is with the provider and has none may still ring.
  ALTER TABLE batch_call.sent_calls ADD COLUMN rang_at BIGINT;
  `,
  `
  -- What every process looks at again when it hears of it: a stop, at whatever process or by hand.
  CREATE FUNCTION batch_call.tell_everybody() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('batch_call_changed', ''); RETURN NULL; END $$;
  CREATE TRIGGER kill_switches_changed AFTER INSERT OR DELETE ON batch_call.kill_switches
    FOR EACH STATEMENT EXECUTE FUNCTION batch_call.tell_everybody();
  -- What the carrier said of the room it has: one row, for all processes that hand it attempts.
  CREATE TABLE batch_call.carrier_room (
    only_row INTEGER PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
    times_full INTEGER NOT NULL,
    full_until BIGINT,
    -- Starts of a caller id within a second; as it is set where empty.
    pace REAL
  );
  INSERT INTO batch_call.carrier_room (times_full) VALUES (0);
  CREATE TRIGGER carrier_room_changed AFTER UPDATE ON batch_call.carrier_room
    FOR EACH ROW WHEN (NEW.full_until IS DISTINCT FROM OLD.full_until AND NEW.full_until IS NOT NULL)
    EXECUTE FUNCTION batch_call.tell_everybody();
  -- What each process says of itself when it starts, as JSON: version, command, limits, account. It lives while its lease in workers lasts.
  CREATE TABLE batch_call.processes (id TEXT PRIMARY KEY, about_json TEXT NOT NULL, started_at BIGINT NOT NULL);
  `,
  `
  -- Quiet hours may close the public holidays of each recipient's country. A copy that would not read that, and call, stops here.
  SELECT 1;
  `,
  `
  -- Whom events are told to: endpoints of the operator by a name of their URL, which is nowhere, and when a process last had it.
  CREATE TABLE batch_call.event_endpoints (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    served_at BIGINT NOT NULL
  );
  -- Events that wait to be told (settled_at is empty), and for a while those that were told or given up, which are parked.
  CREATE TABLE batch_call.event_messages (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    type TEXT NOT NULL,
    data_json TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    settled_at BIGINT,
    is_parked INTEGER NOT NULL DEFAULT 0
  );
  -- The line of a batch, and which batches have one.
  CREATE INDEX event_messages_waiting ON batch_call.event_messages (endpoint_id, batch_id, sequence) WHERE settled_at IS NULL;
  CREATE INDEX event_messages_settled ON batch_call.event_messages (settled_at) WHERE settled_at IS NOT NULL;
  CREATE INDEX event_messages_parked ON batch_call.event_messages (sequence) WHERE is_parked = 1;
  -- Lines that somebody tells of at this moment, or that wait after a failure.
  CREATE TABLE batch_call.event_streams (
    endpoint_id TEXT NOT NULL,
    batch_id TEXT NOT NULL,
    claim TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    failures INTEGER NOT NULL,
    PRIMARY KEY (endpoint_id, batch_id)
  );
  `,
  `
  -- A voicemail may be accepted, or left a message, within rules; what else is known of a call, such as that one was left, is JSON.
  ALTER TABLE batch_call.attempts ADD COLUMN details_json TEXT;
  `,
  `
  -- A batch may have a canary and conditions of its end, within rules, and is steered while it runs: its pace, and what became
  -- of its canary, as JSON. A copy that would not read that, and call, stops here.
  ALTER TABLE batch_call.batches ADD COLUMN steering_json TEXT;
  `,
  `
  -- Batches may be one campaign: canary, conditions of the end and pace hold for all of them together. A copy that would count each
  -- by itself, and call, stops here.
  ALTER TABLE batch_call.batches ADD COLUMN campaign_id TEXT;
  CREATE INDEX batches_of_campaign ON batch_call.batches (organization_id, campaign_id) WHERE campaign_id IS NOT NULL;
  `,
  `
  -- An event that was given up can be put back in line, and is tried for as long again from then on.
  ALTER TABLE batch_call.event_messages ADD COLUMN resent_at BIGINT;
  `,
  `
  -- Caller ids of a batch that its account turned out not to have, and since when, as JSON: every process leaves them out, and shows them.
  ALTER TABLE batch_call.batches ADD COLUMN gone_caller_ids_json TEXT;
  `,
];
