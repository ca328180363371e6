-- What phones were told, so that one that was away can learn what it missed. No figure is kept here.
-- migrate:up

CREATE TABLE announcements (
    client_code text NOT NULL,
    event_id uuid NOT NULL,
    scope_kind text NOT NULL,
    scope_code text NOT NULL,
    name text NOT NULL,
    as_of date NOT NULL,
    published_at timestamptz NOT NULL,
    announced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client_code, event_id)
);
COMMENT ON TABLE announcements IS 'Each snapshot.published, for as many days as a phone may resume after it.';
CREATE INDEX announcements_recent ON announcements (client_code, announced_at);
CREATE INDEX announcements_age ON announcements (announced_at);

ALTER TABLE announcements ENABLE ROW LEVEL SECURITY;
ALTER TABLE announcements FORCE ROW LEVEL SECURITY;
-- Also answers to '*': the loop that drops what is old does so for all clients at once.
CREATE POLICY tenant ON announcements USING (current_setting('vigie.client', true) IN (client_code, '*'));

-- migrate:down

DROP TABLE announcements;
