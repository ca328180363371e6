-- Publications of a client's scopes: which one stands, and all that ever were.
-- migrate:up

CREATE TABLE clients (
    client_code text PRIMARY KEY,
    void_until timestamptz
);
COMMENT ON TABLE clients IS
    'One row per client that publishes or was suspended. Whoever publishes for a client or suspends it locks this row.';
COMMENT ON COLUMN clients.void_until IS 'The latest suspension, by auth''s clock: grants given up to then are void.';

CREATE TABLE publications (
    client_code text NOT NULL,
    scope_kind text NOT NULL CHECK (scope_kind IN ('company', 'family')),
    scope_code text NOT NULL,
    started_at timestamptz NOT NULL,
    extraction_id uuid NOT NULL,
    published_at timestamptz NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    as_of date NOT NULL,
    periods json NOT NULL,
    indicators json NOT NULL,
    PRIMARY KEY (client_code, scope_kind, scope_code, started_at, extraction_id)
);
COMMENT ON TABLE publications IS 'The history: each granted publication of a scope, once per extraction, never changed.';
COMMENT ON COLUMN publications.indicators IS 'As extracted, uncut; json rather than jsonb keeps their order.';

CREATE TABLE snapshots (
    client_code text NOT NULL,
    scope_kind text NOT NULL,
    scope_code text NOT NULL,
    started_at timestamptz NOT NULL,
    extraction_id uuid NOT NULL,
    PRIMARY KEY (client_code, scope_kind, scope_code),
    FOREIGN KEY (client_code, scope_kind, scope_code, started_at, extraction_id) REFERENCES publications
);
COMMENT ON TABLE snapshots IS 'Which publication of a scope stands: always its newest (R12). The document is not doubled.';

ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE clients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clients USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE publications ENABLE ROW LEVEL SECURITY;
ALTER TABLE publications FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON publications USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE snapshots FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON snapshots USING (current_setting('vigie.client', true) = client_code);

-- migrate:down

DROP TABLE snapshots;
DROP TABLE publications;
DROP TABLE clients;
