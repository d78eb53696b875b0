-- Keys of the API server. Of a secret only its SHA-256 is stored: it is random, so it cannot be found by trying.
CREATE TABLE api_keys (
  id           TEXT PRIMARY KEY,
  hash         TEXT NOT NULL UNIQUE,
  beginning    TEXT NOT NULL,
  -- The contract's KeyRights, as JSON.
  rights       TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;

-- Tokens that a key has used on a day of UTC, as YYYY-MM-DD.
CREATE TABLE api_key_use (
  key_id TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
  day    TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;

-- Names that programs use for models. `definition` is the contract's ModelName, as JSON.
CREATE TABLE model_names (
  name       TEXT PRIMARY KEY COLLATE NOCASE,
  definition TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

-- Answers of the API that a later request may continue.
CREATE TABLE api_responses (
  id         TEXT PRIMARY KEY,
  -- The key that may read it; null where the server needs none.
  key_id     TEXT REFERENCES api_keys (id) ON DELETE CASCADE,
  content    TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX api_responses_by_age ON api_responses (created_at);
