-- Finding companies, families and users by what somebody types.
-- migrate:up

ALTER TABLE scopes ADD COLUMN search_text text NOT NULL DEFAULT '';
COMMENT ON COLUMN scopes.search_text IS
    'Code, shortcut code and name without case and accents, as auth writes them when it saves the row.';
ALTER TABLE users ADD COLUMN search_text text NOT NULL DEFAULT '';
COMMENT ON COLUMN users.search_text IS 'The name without case and accents, as auth writes it when it saves the row.';

-- What was saved earlier is found as far as this server tells case apart, until it is saved again. An owner who is no
-- superuser sees the rows of all clients only while row-level security is not forced.
ALTER TABLE scopes NO FORCE ROW LEVEL SECURITY;
UPDATE scopes SET search_text = lower(concat_ws(E'\n', code, shortcut_code, name));
ALTER TABLE scopes FORCE ROW LEVEL SECURITY;
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
UPDATE users SET search_text = lower(username);
ALTER TABLE users FORCE ROW LEVEL SECURITY;

-- migrate:down

ALTER TABLE users DROP COLUMN search_text;
ALTER TABLE scopes DROP COLUMN search_text;
