-- Deletions of all that a client published (R11): until when, what went, and who has still to say so.
-- migrate:up

ALTER TABLE clients ADD COLUMN deleted_until timestamptz;
COMMENT ON COLUMN clients.deleted_until IS
    'The latest deletion, by auth''s clock: nothing is published of an extraction that started up to then.';

CREATE TABLE deletions (
    client_code text NOT NULL,
    id uuid NOT NULL,
    deleted_until timestamptz NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    PRIMARY KEY (client_code, id)
);
COMMENT ON TABLE deletions IS 'The receipt of each deletion. It holds no figure and outlives later deletions.';
CREATE INDEX deletions_latest ON deletions (client_code, requested_at DESC, id DESC);

CREATE TABLE deletion_parts (
    client_code text NOT NULL,
    deletion_id uuid NOT NULL,
    service text NOT NULL,
    gone jsonb NOT NULL DEFAULT '{}',
    emptied_at timestamptz,
    PRIMARY KEY (client_code, deletion_id, service),
    FOREIGN KEY (client_code, deletion_id) REFERENCES deletions (client_code, id)
);
COMMENT ON TABLE deletion_parts IS
    'What each service that keeps anything of publications has emptied, by kind; still awaited where emptied_at is null.';

ALTER TABLE deletions ENABLE ROW LEVEL SECURITY;
ALTER TABLE deletions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON deletions USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE deletion_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE deletion_parts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON deletion_parts USING (current_setting('vigie.client', true) = client_code);

-- migrate:down

DROP TABLE deletion_parts;
DROP TABLE deletions;
ALTER TABLE clients DROP COLUMN deleted_until;
