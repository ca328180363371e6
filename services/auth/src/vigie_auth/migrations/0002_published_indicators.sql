-- Which indicators a client publishes.
-- migrate:up

ALTER TABLE clients ADD COLUMN published_indicators text[];
COMMENT ON COLUMN clients.published_indicators IS
    'The indicators that the client publishes, whatever its users may see of them (R2); null means all.';

-- migrate:down

ALTER TABLE clients DROP COLUMN published_indicators;
