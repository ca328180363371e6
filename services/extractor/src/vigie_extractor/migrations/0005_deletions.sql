-- Deletions of all that a client published (R11), as far as runs must know of them.
-- migrate:up

CREATE TABLE deletions (
    client_code text PRIMARY KEY,
    deleted_until timestamptz NOT NULL
);
COMMENT ON TABLE deletions IS
'The latest deletion of each client, by auth''s clock: a run that was granted up to then emits nothing any more.';

ALTER TABLE publications DROP CONSTRAINT publications_outcome_check;
ALTER TABLE publications ADD CONSTRAINT publications_outcome_check
CHECK (outcome IN ('published', 'superseded', 'client_suspended', 'data_deleted', 'grant_invalid')) NOT VALID;
ALTER TABLE publications VALIDATE CONSTRAINT publications_outcome_check;

ALTER TABLE deletions ENABLE ROW LEVEL SECURITY;
ALTER TABLE deletions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON deletions USING (current_setting('vigie.client', true) = client_code);

-- migrate:down

ALTER TABLE publications DROP CONSTRAINT publications_outcome_check;
ALTER TABLE publications ADD CONSTRAINT publications_outcome_check
CHECK (outcome IN ('published', 'superseded', 'client_suspended', 'grant_invalid')) NOT VALID;
DROP TABLE deletions;
