-- A summary stands in a prompt for the messages of a branch from its beginning down to `until_message_id`. It belongs to every path
-- through that message, and to no other: an edit before it makes another path, on which it does not count.
CREATE TABLE conversation_summaries (
  id               TEXT PRIMARY KEY,
  chat_id          TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
  until_message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  text             TEXT NOT NULL,
  source           TEXT NOT NULL CHECK (source IN ('model', 'edited')),
  is_on            INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  model_name       TEXT,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_summaries_by_chat ON conversation_summaries (chat_id, created_at);
CREATE INDEX conversation_summaries_by_message ON conversation_summaries (until_message_id);

-- What the user chose for a chat; a chat without a row has the defaults.
CREATE TABLE chat_memory (
  chat_id     TEXT PRIMARY KEY REFERENCES chats (id) ON DELETE CASCADE,
  -- Summarizes by itself when the context is nearly full.
  automatic   INTEGER NOT NULL CHECK (automatic IN (0, 1)),
  -- Quotes messages that were left out, where a question needs them.
  finds_again INTEGER NOT NULL CHECK (finds_again IN (0, 1))
) STRICT;
