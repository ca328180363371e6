-- Who changed what. Applied in the schema of each service.
-- migrate:up

CREATE TABLE audit (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    client_code text,
    actor_kind text NOT NULL CHECK (actor_kind IN ('operator', 'user', 'service')),
    actor text NOT NULL,
    address text,
    action text NOT NULL,
    subject text NOT NULL,
    before json,
    after json
);
COMMENT ON TABLE audit IS
    'Every change that somebody made, written in the transaction of the change. Rows are added and read, nothing else.';
COMMENT ON COLUMN audit.client_code IS 'The client concerned; null where the change is the platform''s.';
CREATE INDEX audit_of_client ON audit (client_code, position);

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit USING (current_setting('vigie.client', true) IN (coalesce(client_code, ''), '*'));

-- The role of a service bears the name of its schema. New tables let it change and remove rows: not this one.
DO $$
BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM %I', current_schema());
END
$$;

-- migrate:down

DROP TABLE audit;
