-- When a model was last loaded with a file: an adapter, or a draft model. `model_use` has the replies of models.
CREATE TABLE auxiliary_use (
  model_id     TEXT PRIMARY KEY,
  last_used_at INTEGER NOT NULL
) STRICT;
