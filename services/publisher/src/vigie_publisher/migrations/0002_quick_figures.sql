-- Figures that cost little to store.
-- migrate:up

-- lz4 takes a third of the time to store a publication and a third more room. A server that was built without it goes on
-- with its own compression, for these rows stay.
DO $$
BEGIN
    ALTER TABLE publications ALTER COLUMN indicators SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;

-- migrate:down

ALTER TABLE publications ALTER COLUMN indicators SET COMPRESSION DEFAULT;
