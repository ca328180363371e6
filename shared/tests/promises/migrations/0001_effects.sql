-- migrate:up
CREATE TABLE effects (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL
);

-- migrate:down
DROP TABLE effects;
