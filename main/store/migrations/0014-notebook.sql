-- Documents of the notebook.
CREATE TABLE notebook_documents (
  id           TEXT PRIMARY KEY,
  title        TEXT NOT NULL,
  model_id     TEXT,
  -- The contract's Sampling, as JSON; null: the defaults.
  sampling     TEXT,
  -- The first characters of the newest text, for the list.
  beginning    TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  -- Null while it is shown; a deleted one is purged when its undo time is over.
  deleted_at   INTEGER
) STRICT;

-- Texts of documents, apart from what changes with each edit: SQLite writes a row as a whole. Later versions are in `notebook_edits`.
CREATE TABLE notebook_texts (
  document_id TEXT PRIMARY KEY REFERENCES notebook_documents (id) ON DELETE CASCADE,
  text        TEXT NOT NULL,
  version     INTEGER NOT NULL
) STRICT;

-- Edits of documents, so that a letter typed into a text of two million need not write all of it. `changes`: the contract's TextChange[].
CREATE TABLE notebook_edits (
  document_id TEXT NOT NULL REFERENCES notebook_documents (id) ON DELETE CASCADE,
  version     INTEGER NOT NULL,
  edit_id     TEXT NOT NULL,
  changes     TEXT NOT NULL,
  PRIMARY KEY (document_id, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX notebook_edits_by_id ON notebook_edits (document_id, edit_id);
