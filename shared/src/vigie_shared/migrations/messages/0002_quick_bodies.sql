-- Bodies that cost little to keep for the moment that they wait.
-- migrate:up

-- PostgreSQL's own compression took more of a message than everything else that the outbox does with it. lz4 takes a
-- fifth of that; a server that was built without it stores bodies as they are, since they are gone in a moment.
DO $$
BEGIN
    ALTER TABLE outbox ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    ALTER TABLE outbox ALTER COLUMN body SET STORAGE EXTERNAL;
END
$$;

-- migrate:down

ALTER TABLE outbox ALTER COLUMN body SET STORAGE EXTENDED;
ALTER TABLE outbox ALTER COLUMN body SET COMPRESSION DEFAULT;
