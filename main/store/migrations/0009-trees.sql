-- Acts on the tree of messages.

-- The reply's text was changed by the user. Replies with the same `comparison` are shown side by side until one of them is kept.
ALTER TABLE messages ADD COLUMN edited INTEGER NOT NULL DEFAULT 0 CHECK (edited IN (0, 1));
ALTER TABLE messages ADD COLUMN comparison TEXT;
-- Set in a message and in all below it while their deletion can still be undone; they are deleted for good at the next start.
ALTER TABLE messages ADD COLUMN deleted_at INTEGER;
CREATE INDEX messages_deleted ON messages (deleted_at) WHERE deleted_at IS NOT NULL;

-- Messages that wait for the end of a reply. They are no messages of the tree yet: nobody knows their parents.
CREATE TABLE queued_messages (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT NOT NULL UNIQUE,
  chat_id    TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
  -- The contract's UserPart[], as JSON.
  parts      TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX queued_messages_by_chat ON queued_messages (chat_id, seq);
