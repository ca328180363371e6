-- Sources whose folder is watched: a new or changed file starts an extraction.
-- migrate:up

ALTER TABLE sources
ADD COLUMN watch boolean NOT NULL DEFAULT false,
ADD COLUMN saved_by text;
COMMENT ON COLUMN sources.saved_by IS 'With whose rights an extraction runs that a changed file starts (R8).';

CREATE TABLE watches (
    client_code text NOT NULL,
    source_name text NOT NULL,
    next_look_at timestamptz NOT NULL,
    looked_by uuid,
    looked_until timestamptz,
    PRIMARY KEY (client_code, source_name),
    FOREIGN KEY (client_code, source_name) REFERENCES sources (client_code, name) ON DELETE CASCADE
);
COMMENT ON TABLE watches IS 'When each watched source is looked at next.';
COMMENT ON COLUMN watches.looked_until IS
'Until then only the process that looked last looks again: what it is told of files is not compared with another''s.';
CREATE INDEX watches_in_order ON watches (next_look_at);

CREATE TABLE watched_folders (
    client_code text NOT NULL,
    source_name text NOT NULL,
    known json NOT NULL,
    seen text NOT NULL,
    seen_since timestamptz NOT NULL,
    looked_at timestamptz NOT NULL,
    waits_for text,
    last_run_id uuid,
    PRIMARY KEY (client_code, source_name),
    FOREIGN KEY (client_code, source_name) REFERENCES sources (client_code, name) ON DELETE CASCADE
);
COMMENT ON COLUMN watched_folders.known IS 'The files that need no extraction any more: digests of size, time and inode, by path.';
COMMENT ON COLUMN watched_folders.seen IS 'The digest of all files as they were last seen, which they have been since seen_since.';
COMMENT ON COLUMN watched_folders.waits_for IS 'Why the folder is not extracted although it differs; null: nothing keeps it.';

ALTER TABLE watched_folders ENABLE ROW LEVEL SECURITY;
ALTER TABLE watched_folders FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON watched_folders USING (current_setting('vigie.client', true) = client_code);
-- The watcher looks for folders whoever they are for, hence '*'. The table says when some source is looked at.
ALTER TABLE watches ENABLE ROW LEVEL SECURITY;
ALTER TABLE watches FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON watches USING (current_setting('vigie.client', true) IN (client_code, '*'));

-- migrate:down

DROP TABLE watched_folders;
DROP TABLE watches;
ALTER TABLE sources DROP COLUMN watch, DROP COLUMN saved_by;
