-- What the figures that stand are made of (R14).
-- migrate:up

CREATE TABLE explanations (
    client_code text NOT NULL,
    scope_kind text NOT NULL CHECK (scope_kind IN ('company', 'family')),
    scope_code text NOT NULL,
    started_at timestamptz NOT NULL,
    extraction_id uuid NOT NULL,
    indicator text NOT NULL,
    made_of json NOT NULL,
    PRIMARY KEY (client_code, scope_kind, scope_code, started_at, extraction_id, indicator)
);
COMMENT ON TABLE explanations IS
'The rows behind each figure of a publication, as extracted. They may come before their publication, hence no reference '
'to it; those older than what stands are dropped.';

-- As for figures: lz4 where the server has it.
DO $$
BEGIN
    ALTER TABLE explanations ALTER COLUMN made_of SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

ALTER TABLE explanations ENABLE ROW LEVEL SECURITY;
ALTER TABLE explanations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON explanations USING (current_setting('vigie.client', true) = client_code);

-- migrate:down

DROP TABLE explanations;
