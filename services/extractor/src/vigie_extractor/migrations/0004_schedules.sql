-- Extractions that start by themselves, who may see a run, and creating calls that are under way.
-- migrate:up

CREATE TABLE schedules (
    client_code text NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    rule jsonb NOT NULL,
    time_zone text NOT NULL,
    companies text[],
    families text[],
    missed text NOT NULL CHECK (missed IN ('run_once', 'skip')),
    paused boolean NOT NULL,
    saved_by text NOT NULL,
    saved_at timestamptz NOT NULL,
    asked jsonb NOT NULL,
    PRIMARY KEY (client_code, id)
);
COMMENT ON TABLE schedules IS 'Extractions that repeat by a calendar rule, with the rights of whoever saved them last (R8).';
COMMENT ON COLUMN schedules.asked IS 'What it was created with, to know a creating call that comes again from another one.';
CREATE INDEX schedules_by_name ON schedules (client_code, name, id);

CREATE TABLE slots (
    client_code text NOT NULL,
    schedule_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    ready_at timestamptz NOT NULL,
    PRIMARY KEY (client_code, schedule_id),
    FOREIGN KEY (client_code, schedule_id) REFERENCES schedules (client_code, id) ON DELETE CASCADE
);
COMMENT ON TABLE slots IS 'The next slot of each schedule that is not paused. Whoever moves it on has taken the slot up.';
COMMENT ON COLUMN slots.ready_at IS 'When it is to be taken up: the slot itself, or later where an attempt broke.';
CREATE INDEX slots_in_order ON slots (ready_at);

CREATE TABLE firings (
    client_code text NOT NULL,
    schedule_id uuid NOT NULL,
    id uuid NOT NULL,
    slot timestamptz,
    taken_up_at timestamptz NOT NULL,
    missed_since timestamptz,
    ran boolean NOT NULL,
    PRIMARY KEY (client_code, schedule_id, id),
    FOREIGN KEY (client_code, schedule_id) REFERENCES schedules (client_code, id) ON DELETE CASCADE
);
COMMENT ON TABLE firings IS 'The history of a schedule: what its slots led to. The id is that of the run, where one was started.';
COMMENT ON COLUMN firings.slot IS 'Null: somebody had it run at once.';
COMMENT ON COLUMN firings.missed_since IS 'The first of the slots before this one that nobody took up, if any.';
CREATE UNIQUE INDEX firings_once ON firings (client_code, schedule_id, slot);
CREATE INDEX firings_latest ON firings (client_code, schedule_id, taken_up_at DESC, id DESC);

ALTER TABLE runs
ADD COLUMN origin text NOT NULL DEFAULT 'user' CHECK (origin IN ('user', 'message', 'schedule', 'source')),
ADD COLUMN schedule_id uuid,
ADD COLUMN slot timestamptz,
ADD COLUMN source_name text,
ADD COLUMN reads text[];
COMMENT ON COLUMN runs.origin IS 'What started it; the columns after it say which schedule, for which slot, or which source.';
COMMENT ON COLUMN runs.reads IS 'The companies whose data it reads, as far as they are known: who may not extract them all does not see it.';
ALTER TABLE runs NO FORCE ROW LEVEL SECURITY;
UPDATE runs SET reads = companies WHERE families IS NULL;
ALTER TABLE runs FORCE ROW LEVEL SECURITY;

CREATE TABLE calls_under_way (
    client_code text NOT NULL,
    id uuid NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client_code, id)
);
COMMENT ON TABLE calls_under_way IS 'Creating calls with an Idempotency-Key that are not answered yet; the id follows from the key.';

ALTER TABLE schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE schedules FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON schedules USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE firings ENABLE ROW LEVEL SECURITY;
ALTER TABLE firings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON firings USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE calls_under_way ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls_under_way FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON calls_under_way USING (current_setting('vigie.client', true) = client_code);
-- The scheduler looks for slots whoever they are for, hence '*'. The table says when some schedule is due, nothing else.
ALTER TABLE slots ENABLE ROW LEVEL SECURITY;
ALTER TABLE slots FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON slots USING (current_setting('vigie.client', true) IN (client_code, '*'));

-- migrate:down

DROP TABLE calls_under_way;
ALTER TABLE runs DROP COLUMN origin, DROP COLUMN schedule_id, DROP COLUMN slot, DROP COLUMN source_name, DROP COLUMN reads;
DROP TABLE firings;
DROP TABLE slots;
DROP TABLE schedules;
