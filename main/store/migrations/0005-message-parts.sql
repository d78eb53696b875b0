-- A message is made of parts. They are rows of their own, and not JSON in the message, for three reasons: the index of words reads a
-- text where it lies, without a second copy; a reply that is journalled every 0.7 s writes again only the part that grows; and a chat
-- of 10,000 messages is read by one join along an index.

-- What others left in this database must stop nothing: their views and triggers may name these tables, and a rename would resolve them.
-- References name the tables as they are called in the end, for such a rename does not rewrite them.
PRAGMA legacy_alter_table = ON;
DROP TABLE IF EXISTS chats_new;
DROP TABLE IF EXISTS messages_new;
DROP TABLE IF EXISTS part_files;
DROP TABLE IF EXISTS message_parts;
DROP VIEW IF EXISTS searched_texts;

-- `seq`, because rows of an index of words are named by a number that must outlive a VACUUM.
CREATE TABLE chats_new (
  seq            INTEGER PRIMARY KEY,
  id             TEXT NOT NULL UNIQUE,
  title          TEXT NOT NULL DEFAULT '',
  pinned         INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  model_id       TEXT,
  system_prompt  TEXT NOT NULL DEFAULT '',
  sampling       TEXT,
  context_policy TEXT NOT NULL DEFAULT 'roll' CHECK (context_policy IN ('stop', 'roll', 'cut_middle')),
  leaf_id        TEXT REFERENCES "messages" (id) DEFERRABLE INITIALLY DEFERRED,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  -- Set while a deletion can still be undone; such chats are deleted for good at the next start.
  deleted_at     INTEGER
) STRICT;

-- A tree: edits and regenerations are siblings. `seq` orders them as they were written.
CREATE TABLE messages_new (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT NOT NULL UNIQUE,
  chat_id    TEXT NOT NULL REFERENCES "chats" (id) ON DELETE CASCADE,
  -- Messages go with their chat alone. A cascade from parent to child would be as deep as the chat is long, and SQLite ends at 1,000.
  parent_id  TEXT REFERENCES "messages" (id) DEFERRABLE INITIALLY DEFERRED,
  role       TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant', 'tool')),
  status     TEXT NOT NULL CHECK (status IN ('pending', 'streaming', 'complete', 'stopped', 'failed', 'interrupted')),
  error      TEXT,
  model_id   TEXT,
  model_name TEXT,
  sampling   TEXT,
  timing     TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE message_parts (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  message_seq INTEGER NOT NULL REFERENCES "messages" (seq) ON DELETE CASCADE,
  -- From 0 within the message.
  position    INTEGER NOT NULL,
  type        TEXT NOT NULL CHECK (
    type IN ('text', 'reasoning', 'attachment', 'image', 'audio', 'tool_call', 'tool_result', 'citation')
  ),
  -- Of `text` and `reasoning`.
  text        TEXT,
  -- JSON of the other fields of the contract's MessagePart; null where there are none.
  details     TEXT,
  UNIQUE (message_seq, position)
) STRICT;

-- A database that another program wrote to, or that was salvaged from a bad disk, may have links that lead nowhere. What has a chat is
-- kept, and the links are mended: a leaf that is not of the chat becomes the chat's newest message, which no other message answers.
INSERT INTO chats_new (id, title, pinned, model_id, system_prompt, sampling, context_policy, leaf_id, created_at, updated_at, deleted_at)
  SELECT id, title, pinned, model_id, system_prompt, sampling, context_policy,
    CASE
      WHEN leaf_id IS NULL THEN NULL
      WHEN EXISTS (SELECT 1 FROM messages WHERE messages.id = chats.leaf_id AND messages.chat_id = chats.id) THEN leaf_id
      ELSE (SELECT messages.id FROM messages WHERE messages.chat_id = chats.id ORDER BY messages.seq DESC LIMIT 1)
    END,
    created_at, updated_at, deleted_at
  FROM chats ORDER BY created_at, id;
-- A parent was written before its children. To ask for that leaves no circle of parents, which would be read without an end.
INSERT INTO messages_new (seq, id, chat_id, parent_id, role, status, error, model_id, model_name, sampling, timing, created_at)
  SELECT seq, id, chat_id,
    (
      SELECT parent.id FROM messages AS parent
      WHERE parent.id = messages.parent_id AND parent.chat_id = messages.chat_id AND parent.seq < messages.seq
    ),
    role, status, error, model_id, model_name, sampling, timing, created_at
  FROM messages WHERE chat_id IN (SELECT id FROM chats) ORDER BY seq;
-- The reasoning was shown before the answer.
INSERT INTO message_parts (message_seq, position, type, text, details)
  SELECT seq, 0, 'reasoning', reasoning, json_object('durationMs', reasoning_ms) FROM messages
  WHERE reasoning <> '' AND seq IN (SELECT seq FROM messages_new)
  UNION ALL
  SELECT seq, reasoning <> '', 'text', content, NULL FROM messages
  WHERE content <> '' AND seq IN (SELECT seq FROM messages_new)
  ORDER BY 1, 2;

-- The old index may be broken or gone, and one that cannot be opened cannot be dropped: it is taken out of the schema, then its tables.
PRAGMA writable_schema = ON;
DELETE FROM sqlite_schema WHERE type = 'table' AND name IN ('messages_fts', 'texts_fts', 'titles_fts');
PRAGMA writable_schema = RESET;
DROP TABLE IF EXISTS messages_fts_data;
DROP TABLE IF EXISTS messages_fts_idx;
DROP TABLE IF EXISTS messages_fts_docsize;
DROP TABLE IF EXISTS messages_fts_config;
DROP TABLE IF EXISTS texts_fts_data;
DROP TABLE IF EXISTS texts_fts_idx;
DROP TABLE IF EXISTS texts_fts_docsize;
DROP TABLE IF EXISTS texts_fts_config;
DROP TABLE IF EXISTS texts_fts_content;
DROP TABLE IF EXISTS titles_fts_data;
DROP TABLE IF EXISTS titles_fts_idx;
DROP TABLE IF EXISTS titles_fts_docsize;
DROP TABLE IF EXISTS titles_fts_config;
DROP TABLE IF EXISTS titles_fts_content;
DROP TABLE messages;
DROP TABLE chats;
ALTER TABLE chats_new RENAME TO chats;
ALTER TABLE messages_new RENAME TO messages;
PRAGMA legacy_alter_table = OFF;
CREATE INDEX messages_by_chat ON messages (chat_id, seq);
CREATE INDEX messages_by_parent ON messages (parent_id);
CREATE INDEX messages_unfinished ON messages (status) WHERE status IN ('pending', 'streaming');

-- Which files a part names. Derived, so that no count can be wrong: a file is kept for as long as it has a row here.
CREATE TABLE part_files (
  sha256   TEXT NOT NULL,
  part_seq INTEGER NOT NULL REFERENCES message_parts (seq) ON DELETE CASCADE,
  PRIMARY KEY (sha256, part_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_files_by_part ON part_files (part_seq);
CREATE TRIGGER part_files_insert AFTER INSERT ON message_parts WHEN new.details IS NOT NULL BEGIN
  INSERT INTO part_files (sha256, part_seq)
    SELECT DISTINCT atom, new.seq FROM json_tree(new.details) WHERE key = 'sha256' AND type = 'text';
END;
CREATE TRIGGER part_files_update AFTER UPDATE OF details ON message_parts WHEN new.details IS NOT old.details BEGIN
  DELETE FROM part_files WHERE part_seq = old.seq;
  INSERT INTO part_files (sha256, part_seq)
    SELECT DISTINCT atom, new.seq FROM json_tree(new.details) WHERE key = 'sha256' AND type = 'text';
END;

-- The words of messages. The view leaves reasoning out: what a model thought aloud is not what somebody looks for.
CREATE VIEW searched_texts AS SELECT seq, text FROM message_parts WHERE type = 'text';
CREATE VIRTUAL TABLE texts_fts USING fts5 (
  text,
  content = 'searched_texts',
  content_rowid = 'seq',
  tokenize = 'unicode61 remove_diacritics 2'
);
-- Without this the words of a deleted message stay in the index until its segments happen to be merged.
INSERT INTO texts_fts (texts_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO texts_fts (rowid, text) SELECT seq, text FROM searched_texts;
CREATE TRIGGER texts_fts_insert AFTER INSERT ON message_parts WHEN new.type = 'text' BEGIN
  INSERT INTO texts_fts (rowid, text) VALUES (new.seq, new.text);
END;
CREATE TRIGGER texts_fts_delete AFTER DELETE ON message_parts WHEN old.type = 'text' BEGIN
  INSERT INTO texts_fts (texts_fts, rowid, text) VALUES ('delete', old.seq, old.text);
END;
CREATE TRIGGER texts_fts_update AFTER UPDATE OF type, text ON message_parts BEGIN
  INSERT INTO texts_fts (texts_fts, rowid, text) SELECT 'delete', old.seq, old.text WHERE old.type = 'text';
  INSERT INTO texts_fts (rowid, text) SELECT new.seq, new.text WHERE new.type = 'text';
END;

-- The words of titles.
CREATE VIRTUAL TABLE titles_fts USING fts5 (
  title,
  content = 'chats',
  content_rowid = 'seq',
  tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO titles_fts (titles_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO titles_fts (rowid, title) SELECT seq, title FROM chats;
CREATE TRIGGER titles_fts_insert AFTER INSERT ON chats BEGIN
  INSERT INTO titles_fts (rowid, title) VALUES (new.seq, new.title);
END;
CREATE TRIGGER titles_fts_delete AFTER DELETE ON chats BEGIN
  INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.seq, old.title);
END;
CREATE TRIGGER titles_fts_update AFTER UPDATE OF title ON chats WHEN new.title IS NOT old.title BEGIN
  INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.seq, old.title);
  INSERT INTO titles_fts (rowid, title) VALUES (new.seq, new.title);
END;
