-- Deletions of all that a client published (R11), as far as phones must know of them.
-- migrate:up

CREATE TABLE clients (
    client_code text PRIMARY KEY,
    deleted_until timestamptz,
    deletion_event_id uuid,
    deleted_at timestamptz,
    heard_at timestamptz
);
COMMENT ON TABLE clients IS
    'One row per client that publishes, and its latest deletion. Noting announcements holds the row, a deletion changes it.';
COMMENT ON COLUMN clients.deleted_until IS
    'By auth''s clock: what was published by an extraction that started up to then is announced no more.';

ALTER TABLE announcements ADD COLUMN started_at timestamptz;
COMMENT ON COLUMN announcements.started_at IS
    'The version of the publication, by auth''s clock; null: noted before versions were, hence older than any deletion.';

ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE clients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clients USING (current_setting('vigie.client', true) = client_code);

-- migrate:down

ALTER TABLE announcements DROP COLUMN started_at;
DROP TABLE clients;
