-- Where a chat stands in the list, who wrote its title, and the search for words of scripts that are written without spaces.

CREATE TABLE chat_folders (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Set while a deletion can still be undone: the chats keep their folder for that long, and are listed without it.
  deleted_at INTEGER
) STRICT;

ALTER TABLE chats ADD COLUMN folder_id TEXT REFERENCES chat_folders (id) ON DELETE SET NULL;
ALTER TABLE chats ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));
-- 'unknown' is a title of an earlier version, which did not store whether the user wrote it.
ALTER TABLE chats ADD COLUMN title_by TEXT NOT NULL DEFAULT 'unknown' CHECK (title_by IN ('unknown', 'words', 'model', 'user'));
CREATE INDEX chats_by_folder ON chats (folder_id) WHERE folder_id IS NOT NULL;

-- With row ids, because a salvage copies such tables alone.
CREATE TABLE chat_tags (
  chat_id TEXT NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
  tag     TEXT NOT NULL,
  PRIMARY KEY (chat_id, tag)
) STRICT;

-- Texts of scripts that are written without spaces, such as Chinese, Japanese and Thai, and of Korean, by three letters each: unicode61
-- takes a whole sentence of them for one word. Texts of other scripts are not in this index. The two line ends give the last letters of a text a token of three, so that tokens that begin with a
-- searched letter or pair of letters are all its places. A growing reply is not in it until its end: each of its journal entries
-- would delete and write some thousand tokens.
CREATE VIEW searched_unspaced AS
  SELECT message_parts.seq AS seq, message_parts.text || char(10, 10) AS text
  FROM message_parts JOIN messages ON messages.seq = message_parts.message_seq
  WHERE message_parts.type = 'text' AND messages.status NOT IN ('pending', 'streaming')
    -- Thai and Lao, Burmese, the letters of Korean, Khmer, Chinese and Japanese, Korean, the forms of half width, and the rare signs.
    AND message_parts.text GLOB '*[' || char(0x0e00) || '-' || char(0x0eff) || char(0x1000) || '-' || char(0x11ff)
      || char(0x1780) || '-' || char(0x17ff) || char(0x2e80) || '-' || char(0xa4cf) || char(0xac00) || '-' || char(0xd7ff)
      || char(0xf900) || '-' || char(0xfaff) || char(0xff66) || '-' || char(0xffdc) || char(0x20000) || '-' || char(0x3ffff) || ']*';
CREATE VIRTUAL TABLE unspaced_fts USING fts5 (text, content = 'searched_unspaced', content_rowid = 'seq', tokenize = 'trigram');
INSERT INTO unspaced_fts (unspaced_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO unspaced_fts (rowid, text) SELECT seq, text FROM searched_unspaced;
CREATE VIRTUAL TABLE unspaced_tokens USING fts5vocab ('unspaced_fts', 'row');

CREATE TRIGGER unspaced_fts_insert AFTER INSERT ON message_parts WHEN new.type = 'text' BEGIN
  INSERT INTO unspaced_fts (rowid, text) SELECT seq, text FROM searched_unspaced WHERE seq = new.seq;
END;
CREATE TRIGGER unspaced_fts_before_update BEFORE UPDATE OF type, text ON message_parts BEGIN
  INSERT INTO unspaced_fts (unspaced_fts, rowid, text) SELECT 'delete', seq, text FROM searched_unspaced WHERE seq = old.seq;
END;
CREATE TRIGGER unspaced_fts_after_update AFTER UPDATE OF type, text ON message_parts BEGIN
  INSERT INTO unspaced_fts (rowid, text) SELECT seq, text FROM searched_unspaced WHERE seq = new.seq;
END;
CREATE TRIGGER unspaced_fts_delete BEFORE DELETE ON message_parts BEGIN
  INSERT INTO unspaced_fts (unspaced_fts, rowid, text) SELECT 'delete', seq, text FROM searched_unspaced WHERE seq = old.seq;
END;
-- The parts of a message are deleted after it, when the view has them no more.
CREATE TRIGGER unspaced_fts_message_delete BEFORE DELETE ON messages BEGIN
  INSERT INTO unspaced_fts (unspaced_fts, rowid, text)
    SELECT 'delete', seq, text FROM searched_unspaced WHERE seq IN (SELECT seq FROM message_parts WHERE message_seq = old.seq);
END;
-- A reply ends, or goes on.
CREATE TRIGGER unspaced_fts_before_status BEFORE UPDATE OF status ON messages
WHEN new.status IN ('pending', 'streaming') AND old.status NOT IN ('pending', 'streaming') BEGIN
  INSERT INTO unspaced_fts (unspaced_fts, rowid, text)
    SELECT 'delete', seq, text FROM searched_unspaced WHERE seq IN (SELECT seq FROM message_parts WHERE message_seq = old.seq);
END;
CREATE TRIGGER unspaced_fts_after_status AFTER UPDATE OF status ON messages
WHEN old.status IN ('pending', 'streaming') AND new.status NOT IN ('pending', 'streaming') BEGIN
  INSERT INTO unspaced_fts (rowid, text)
    SELECT seq, text FROM searched_unspaced WHERE seq IN (SELECT seq FROM message_parts WHERE message_seq = old.seq);
END;
