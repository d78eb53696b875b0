-- Where an imported chat came from. It goes with its chat, so that nothing tells of a chat that was deleted.
CREATE TABLE chat_origins (
  chat_id    TEXT PRIMARY KEY REFERENCES chats (id) ON DELETE CASCADE,
  import_id  TEXT NOT NULL,
  -- Of the words and the tree as they came, to recognize a second import.
  digest     TEXT NOT NULL,
  -- The chat's `updated_at` as it came: a chat that went on since is not taken back with its import.
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX chat_origins_by_digest ON chat_origins (digest);
CREATE INDEX chat_origins_by_import ON chat_origins (import_id);
