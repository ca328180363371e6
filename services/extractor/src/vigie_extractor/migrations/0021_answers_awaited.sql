-- A run that was handed to the publisher keeps its work until the publisher has answered for all of it.
-- migrate:up

ALTER TABLE work ADD COLUMN emissions integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN work.emissions IS
'How often the run was handed to the publisher. Above 0 it waits for answers, others do not wait for it, and it is
handed over again at ready_at.';

INSERT INTO work (client_code, run_id, emissions, ready_at)
SELECT client_code, id, 1, clock_timestamp() + interval '15 minutes' FROM runs WHERE status = 'publishing';

-- migrate:down

DELETE FROM work WHERE emissions > 0;
ALTER TABLE work DROP COLUMN emissions;
