-- Parked messages that are to be handled once more.
-- migrate:up

ALTER TABLE parked ADD COLUMN replay_at timestamptz;
COMMENT ON COLUMN parked.replay_at IS 'When its consumer gets it again; null: it stays until somebody replays or drops it.';
CREATE INDEX parked_to_replay ON parked (replay_at) WHERE replay_at IS NOT NULL;

-- migrate:down

DROP INDEX parked_to_replay;
ALTER TABLE parked DROP COLUMN replay_at;
