-- Personas, presets of sampling, defaults of models, lorebooks. JSON columns hold exactly the contract's types.
CREATE TABLE personas (
  id             TEXT PRIMARY KEY,
  definition     TEXT NOT NULL,
  -- A file of the data folder (`files.ts`), always a PNG.
  picture_sha256 TEXT,
  picture_width  INTEGER,
  picture_height INTEGER,
  changed_at     INTEGER NOT NULL,
  -- Set while a deletion can still be undone; the next start deletes the row.
  deleted_at     INTEGER
) STRICT;
CREATE INDEX personas_by_picture ON personas (picture_sha256) WHERE picture_sha256 IS NOT NULL;

CREATE TABLE lorebooks (
  id         TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;

CREATE TABLE sampling_presets (
  id         TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;

CREATE TABLE model_defaults (
  model_id   TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

-- No reference: a persona may go, and its chats stay.
ALTER TABLE chats ADD COLUMN persona_id TEXT;
-- JSON of the persona's id and name, which survive it.
ALTER TABLE messages ADD COLUMN persona TEXT;
