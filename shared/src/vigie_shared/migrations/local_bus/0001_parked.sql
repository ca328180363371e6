-- migrate:up

CREATE TABLE parked (
    queue text NOT NULL,
    event_id uuid NOT NULL,
    client_code text NOT NULL,
    body bytea NOT NULL,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (queue, event_id)
);
COMMENT ON TABLE parked IS 'Messages that a consumer could not handle, kept until they are replayed or dropped.';
ALTER TABLE parked ENABLE ROW LEVEL SECURITY;
ALTER TABLE parked FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON parked USING (current_setting('vigie.client', true) IN (client_code, '*'));

-- migrate:down

DROP TABLE parked;
