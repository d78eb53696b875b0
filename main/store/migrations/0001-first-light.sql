-- Times are milliseconds since the epoch. JSON columns hold exactly the contract's types.
CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE chats (
  id            TEXT PRIMARY KEY,
  title         TEXT NOT NULL DEFAULT '',
  pinned        INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  model_id      TEXT,
  system_prompt TEXT NOT NULL DEFAULT '',
  sampling      TEXT,
  leaf_id       TEXT REFERENCES messages (id) DEFERRABLE INITIALLY DEFERRED,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  -- Set while a deletion can still be undone; such chats are deleted for good at the next start.
  deleted_at    INTEGER
) STRICT;

-- A tree: edits and regenerations are siblings. `seq` orders them as they were written.
CREATE TABLE messages (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  id           TEXT NOT NULL UNIQUE,
  chat_id      TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
  parent_id    TEXT REFERENCES messages (id) ON DELETE CASCADE,
  role         TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  content      TEXT NOT NULL DEFAULT '',
  reasoning    TEXT NOT NULL DEFAULT '',
  reasoning_ms INTEGER,
  status       TEXT NOT NULL CHECK (status IN ('pending', 'streaming', 'complete', 'stopped', 'failed', 'interrupted')),
  error        TEXT,
  model_id     TEXT,
  model_name   TEXT,
  sampling     TEXT,
  timing       TEXT,
  created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_by_chat ON messages (chat_id, seq);
CREATE INDEX messages_by_parent ON messages (parent_id);
CREATE INDEX messages_unfinished ON messages (status) WHERE status IN ('pending', 'streaming');

CREATE VIRTUAL TABLE messages_fts USING fts5 (
  content,
  content = 'messages',
  content_rowid = 'seq',
  tokenize = 'unicode61 remove_diacritics 2'
);
-- Without this the words of a deleted message stay in the index until its segments happen to be merged.
INSERT INTO messages_fts (messages_fts, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER messages_fts_insert AFTER INSERT ON messages BEGIN
  INSERT INTO messages_fts (rowid, content) VALUES (new.seq, new.content);
END;
CREATE TRIGGER messages_fts_delete AFTER DELETE ON messages BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, content) VALUES ('delete', old.seq, old.content);
END;
CREATE TRIGGER messages_fts_update AFTER UPDATE OF content ON messages BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, content) VALUES ('delete', old.seq, old.content);
  INSERT INTO messages_fts (rowid, content) VALUES (new.seq, new.content);
END;

-- What was read from a file's header, valid while size and modification time are the same.
CREATE TABLE model_headers (
  model_id    TEXT PRIMARY KEY,
  size_bytes  INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  header      TEXT NOT NULL
) STRICT;

CREATE TABLE model_use (
  model_id     TEXT PRIMARY KEY,
  last_used_at INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('download')),
  state      TEXT NOT NULL CHECK (state IN ('queued', 'running', 'verifying', 'done', 'failed', 'paused')),
  -- What the job fetches, as JSON: repoId, revision, files with size and hash.
  spec       TEXT NOT NULL,
  error      TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
