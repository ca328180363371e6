-- Clients with their directory, sign-in and publication grants. Codes and names are ordered by their bytes (COLLATE
-- "C"), so that lists come in the same order on every server.
-- migrate:up

-- Of the platform: these tables carry no client, so no policy holds them to one.

CREATE TABLE operators (
    username_folded text PRIMARY KEY,
    username text COLLATE "C" NOT NULL,
    password_hash text NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE operators IS 'Who may administer the platform.';

CREATE TABLE signing_keys (
    key_id text PRIMARY KEY,
    public_key bytea NOT NULL,
    sealed_private_key bytea NOT NULL,
    signs_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE signing_keys IS
    'Ed25519 keys. The latest whose time has come signs; all verify, for a publication grant has no expiry.';

CREATE TABLE throttle_counters (
    subject bytea PRIMARY KEY,
    failures integer NOT NULL,
    last_failure_at timestamptz NOT NULL,
    last_success_at timestamptz
);
COMMENT ON TABLE throttle_counters IS
    'Failed sign-ins (R10). A subject is an HMAC of what was typed, of an address, or of both: it names nobody and no '
    'client, because what was typed need not exist.';
CREATE INDEX throttle_counters_stale ON throttle_counters (last_failure_at) WHERE last_success_at IS NULL;
CREATE INDEX throttle_counters_old ON throttle_counters (last_success_at) WHERE last_success_at IS NOT NULL;

CREATE TABLE idempotent_calls (
    actor text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint bytea NOT NULL,
    sealed_answer bytea NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (actor, idempotency_key)
);
COMMENT ON TABLE idempotent_calls IS
    'Answers of the operators'' creating calls, for 24 hours; sealed, for one of them is a publication password.';
CREATE INDEX idempotent_calls_old ON idempotent_calls (answered_at);

-- Of a client: forced row-level security holds each of these to the client that the transaction is bound to (R13).

CREATE TABLE clients (
    client_code text PRIMARY KEY,
    name text NOT NULL,
    publication_password_hash text NOT NULL,
    suspended_at timestamptz,
    dossier_kind text CHECK (dossier_kind IN ('single-base', 'multi-base')),
    last_moment timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_version bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN clients.last_moment IS
    'The latest time handed out for this client (grant, suspension, ...): the next one is later, whatever the clock does.';
COMMENT ON COLUMN clients.last_version IS
    'The latest version given to the rights of one of its users; growing even when a user is removed and added again.';

CREATE TABLE scopes (
    client_code text NOT NULL REFERENCES clients,
    kind text NOT NULL CHECK (kind IN ('company', 'family')),
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    shortcut_code text NOT NULL,
    shortcut_folded text NOT NULL,
    to_extract boolean NOT NULL,
    PRIMARY KEY (client_code, kind, code),
    UNIQUE (client_code, shortcut_folded)
);
COMMENT ON TABLE scopes IS 'Companies and families: one table, for a shortcut code is unique across both.';

CREATE TABLE companies (
    client_code text NOT NULL,
    code text COLLATE "C" NOT NULL,
    kind text NOT NULL DEFAULT 'company' CHECK (kind = 'company'),
    accounting_currency text NOT NULL,
    reporting_currency text NOT NULL,
    reporting_rate numeric NOT NULL CHECK (reporting_rate > 0),
    PRIMARY KEY (client_code, code),
    FOREIGN KEY (client_code, kind, code) REFERENCES scopes (client_code, kind, code) ON DELETE CASCADE
);

CREATE TABLE fiscal_years (
    client_code text NOT NULL,
    company text COLLATE "C" NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL CHECK (last_day > first_day),
    unit text NOT NULL,
    PRIMARY KEY (client_code, company, first_day),
    FOREIGN KEY (client_code, company) REFERENCES companies (client_code, code) ON DELETE CASCADE
);

CREATE TABLE family_members (
    client_code text NOT NULL,
    family text COLLATE "C" NOT NULL,
    kind text NOT NULL DEFAULT 'family' CHECK (kind = 'family'),
    company text COLLATE "C" NOT NULL,
    PRIMARY KEY (client_code, family, company),
    FOREIGN KEY (client_code, kind, family) REFERENCES scopes (client_code, kind, code) ON DELETE CASCADE,
    FOREIGN KEY (client_code, company) REFERENCES companies (client_code, code)
);

CREATE TABLE users (
    client_code text NOT NULL REFERENCES clients,
    username text COLLATE "C" NOT NULL,
    username_folded text NOT NULL,
    password_hash text,
    active boolean NOT NULL,
    role text NOT NULL CHECK (role IN ('mobile', 'preparer', 'administrator')),
    indicators text[],
    version bigint NOT NULL,
    PRIMARY KEY (client_code, username),
    UNIQUE (client_code, username_folded),
    CONSTRAINT active_has_password CHECK (password_hash IS NOT NULL OR NOT active)
);
COMMENT ON COLUMN users.indicators IS 'The indicators the user may see; null means all.';

CREATE TABLE user_scopes (
    client_code text NOT NULL,
    username text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    code text COLLATE "C" NOT NULL,
    PRIMARY KEY (client_code, username, kind, code),
    FOREIGN KEY (client_code, username) REFERENCES users (client_code, username) ON DELETE CASCADE,
    FOREIGN KEY (client_code, kind, code) REFERENCES scopes (client_code, kind, code)
);

CREATE TABLE extraction_rights (
    client_code text NOT NULL,
    username text COLLATE "C" NOT NULL,
    company text COLLATE "C" NOT NULL,
    PRIMARY KEY (client_code, username, company),
    FOREIGN KEY (client_code, username) REFERENCES users (client_code, username) ON DELETE CASCADE,
    FOREIGN KEY (client_code, company) REFERENCES companies (client_code, code)
);
COMMENT ON TABLE extraction_rights IS 'Which companies a preparer may extract.';

CREATE TABLE sessions (
    client_code text NOT NULL,
    session_id uuid NOT NULL,
    username text COLLATE "C" NOT NULL,
    role text NOT NULL,
    lasts_seconds integer NOT NULL,
    opens_kind text,
    opens_code text,
    signed_in_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (client_code, session_id),
    FOREIGN KEY (client_code, username) REFERENCES users (client_code, username) ON DELETE CASCADE
);
COMMENT ON COLUMN sessions.opens_code IS 'The company or family whose shortcut code a phone was signed in with.';
COMMENT ON TABLE sessions IS 'One line of refresh tokens each: one device, from sign-in to sign-out.';
CREATE INDEX sessions_of_user ON sessions (client_code, username) WHERE revoked_at IS NULL;
CREATE INDEX sessions_expired ON sessions (client_code, expires_at);

CREATE TABLE refresh_tokens (
    client_code text NOT NULL,
    token_hash bytea NOT NULL,
    session_id uuid NOT NULL,
    used_at timestamptz,
    sealed_successor bytea,
    PRIMARY KEY (client_code, token_hash),
    FOREIGN KEY (client_code, session_id) REFERENCES sessions (client_code, session_id) ON DELETE CASCADE
);
COMMENT ON TABLE refresh_tokens IS 'SHA-256 of every refresh token of a line, kept as long as the line: a used one that comes back tells of a theft.';
COMMENT ON COLUMN refresh_tokens.sealed_successor IS
    'The token that replaced this one, sealed with a key derived from this one, which is not kept here: it lets the '
    'device that lost the answer have it again for a few seconds, and nobody else, not even a reader of this table.';
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (client_code, session_id);

CREATE TABLE publication_grants (
    client_code text NOT NULL REFERENCES clients,
    extraction_id uuid NOT NULL,
    username text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    PRIMARY KEY (client_code, extraction_id),
    UNIQUE (client_code, started_at)
);
COMMENT ON TABLE publication_grants IS 'Every extraction that was let publish, and the version of its snapshots.';

ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE clients FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clients USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE scopes ENABLE ROW LEVEL SECURITY;
ALTER TABLE scopes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON scopes USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE companies ENABLE ROW LEVEL SECURITY;
ALTER TABLE companies FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON companies USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE fiscal_years ENABLE ROW LEVEL SECURITY;
ALTER TABLE fiscal_years FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fiscal_years USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE family_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE family_members FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON family_members USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON users USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE user_scopes ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_scopes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON user_scopes USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE extraction_rights ENABLE ROW LEVEL SECURITY;
ALTER TABLE extraction_rights FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON extraction_rights USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refresh_tokens USING (current_setting('vigie.client', true) = client_code);
ALTER TABLE publication_grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE publication_grants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON publication_grants USING (current_setting('vigie.client', true) = client_code);

-- migrate:down

DROP TABLE publication_grants;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE extraction_rights;
DROP TABLE user_scopes;
DROP TABLE users;
DROP TABLE family_members;
DROP TABLE fiscal_years;
DROP TABLE companies;
DROP TABLE scopes;
DROP TABLE clients;
DROP TABLE idempotent_calls;
DROP TABLE throttle_counters;
DROP TABLE signing_keys;
DROP TABLE operators;
