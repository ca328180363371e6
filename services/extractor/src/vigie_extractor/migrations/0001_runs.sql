-- What a client has set, what it asked for, and what became of it.
-- migrate:up

CREATE TABLE publication_credentials (
    client_code text PRIMARY KEY,
    sealed_password bytea NOT NULL,
    registered_at timestamptz NOT NULL,
    checked_at timestamptz NOT NULL,
    check_outcome text NOT NULL CHECK (check_outcome IN ('accepted', 'client_suspended', 'credentials_refused'))
);
COMMENT ON TABLE publication_credentials IS 'The password that proves the right to publish (R1), sealed.';

CREATE TABLE sources (
    client_code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('dossier', 'fec')),
    location text NOT NULL,
    companies text[],
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (client_code, name)
);
COMMENT ON COLUMN sources.companies IS 'The companies that are read there; null: all of the client.';

CREATE TABLE runs (
    client_code text NOT NULL,
    id uuid NOT NULL,
    companies text[],
    families text[],
    asked_as_of date,
    as_of date NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    status text NOT NULL
    CHECK (status IN ('queued', 'running', 'publishing', 'published', 'failed', 'cancelled')),
    started_at timestamptz,
    finished_at timestamptz,
    report jsonb NOT NULL,
    PRIMARY KEY (client_code, id)
);
COMMENT ON TABLE runs IS 'Extractions as asked for (null: all that is to extract), their status and processing report.';
CREATE INDEX runs_latest ON runs (client_code, requested_at DESC, id DESC);

CREATE TABLE publications (
    client_code text NOT NULL,
    run_id uuid NOT NULL,
    scope_kind text NOT NULL CHECK (scope_kind IN ('company', 'family')),
    scope_code text NOT NULL,
    emitted boolean NOT NULL,
    outcome text CHECK (outcome IN ('published', 'superseded', 'client_suspended', 'grant_invalid')),
    PRIMARY KEY (client_code, run_id, scope_kind, scope_code)
);
COMMENT ON TABLE publications IS
'The scopes of a run: emitted by it, and what the publisher said of each. Either may be known before the other.';

CREATE TABLE work (
    client_code text NOT NULL,
    run_id uuid NOT NULL,
    companies text[],
    position bigint GENERATED ALWAYS AS IDENTITY,
    ready_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    fence bigint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    failures integer NOT NULL DEFAULT 0,
    pauses integer NOT NULL DEFAULT 0,
    traceparent text,
    PRIMARY KEY (client_code, run_id),
    FOREIGN KEY (client_code, run_id) REFERENCES runs (client_code, id) ON DELETE CASCADE
);
COMMENT ON TABLE work IS 'Runs that are to be executed or are being executed; the row goes when there is nothing to do.';
COMMENT ON COLUMN work.companies IS 'Which companies are read, so that each is read by one run at a time; null: any.';
COMMENT ON COLUMN work.fence IS 'Counts the claims: whoever holds an older number may not write for the run any more.';
CREATE INDEX work_in_order ON work (position);

ALTER TABLE publication_credentials ENABLE ROW LEVEL SECURITY;
ALTER TABLE publication_credentials FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON publication_credentials USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE sources ENABLE ROW LEVEL SECURITY;
ALTER TABLE sources FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sources USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE runs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON runs USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE publications ENABLE ROW LEVEL SECURITY;
ALTER TABLE publications FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON publications USING (current_setting('vigie.client', true) = client_code);
-- The runner looks for work whoever it is for, hence '*'. The table says that a run waits and for which companies,
-- nothing of what it asks for or found.
ALTER TABLE work ENABLE ROW LEVEL SECURITY;
ALTER TABLE work FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON work USING (current_setting('vigie.client', true) IN (client_code, '*'));

-- migrate:down

DROP TABLE work;
DROP TABLE publications;
DROP TABLE runs;
DROP TABLE sources;
DROP TABLE publication_credentials;
