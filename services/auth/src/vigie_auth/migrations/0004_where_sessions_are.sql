-- Where and when a session was last used, so that people recognise their devices.
-- migrate:up

ALTER TABLE sessions ADD COLUMN address text;
ALTER TABLE sessions ADD COLUMN device text;
ALTER TABLE sessions ADD COLUMN last_used_at timestamptz;
COMMENT ON COLUMN sessions.address IS 'Where the latest tokens of the session were given to.';
COMMENT ON COLUMN sessions.device IS 'How the device named itself then (User-Agent).';
COMMENT ON COLUMN sessions.last_used_at IS 'When its tokens were last refreshed; null: not since it was opened.';

-- migrate:down

ALTER TABLE sessions DROP COLUMN last_used_at;
ALTER TABLE sessions DROP COLUMN device;
ALTER TABLE sessions DROP COLUMN address;
