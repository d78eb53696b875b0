-- The prompt library: texts that people keep and insert into a message.
CREATE TABLE prompts (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE COLLATE NOCASE,
  description TEXT NOT NULL,
  -- With variables such as {{tone}}, which the page asks for when the prompt is inserted.
  text        TEXT NOT NULL,
  changed_at  INTEGER NOT NULL
) STRICT;
