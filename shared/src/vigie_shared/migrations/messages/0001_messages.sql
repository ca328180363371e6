-- Outbox and inbox of one service. Applied in the schema of each.
-- migrate:up

CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    client_code text NOT NULL,
    routing_key text NOT NULL,
    body bytea NOT NULL,
    emitted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE outbox IS 'Events that were emitted and are not yet confirmed by the bus; a confirmed one is deleted.';
CREATE INDEX outbox_due ON outbox (next_attempt_at, position);

CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    client_code text NOT NULL,
    consumed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, event_id)
);
COMMENT ON TABLE inbox IS 'Events that were consumed, in the transaction of their effect: a second delivery has none.';

CREATE TABLE inbox_failures (
    consumer text NOT NULL,
    event_id uuid NOT NULL,
    client_code text NOT NULL,
    failures integer NOT NULL,
    last_error text NOT NULL,
    last_failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, event_id)
);
COMMENT ON TABLE inbox_failures IS 'How often the handler of an event failed; after five times the event is parked.';

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outbox USING (current_setting('vigie.client', true) IN (client_code, '*'));
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbox USING (current_setting('vigie.client', true) IN (client_code, '*'));
ALTER TABLE inbox_failures ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox_failures FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbox_failures USING (current_setting('vigie.client', true) IN (client_code, '*'));

-- migrate:down

DROP TABLE inbox_failures;
DROP TABLE inbox;
DROP TABLE outbox;
