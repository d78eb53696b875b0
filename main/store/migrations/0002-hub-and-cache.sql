-- Jobs of more kinds, in an order that the user decides, with a log.
CREATE TABLE jobs_new (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('download', 'verify', 'move', 'backend')),
  state      TEXT NOT NULL CHECK (state IN ('queued', 'running', 'waiting', 'verifying', 'done', 'failed', 'paused')),
  -- What the job does, as JSON: of a download repoId, revision, files with size and hash.
  spec       TEXT NOT NULL,
  error      TEXT,
  -- Lower runs first.
  position   REAL NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO jobs_new (id, kind, state, spec, error, position, created_at, updated_at)
  SELECT id, kind, state, spec, error, created_at, created_at, updated_at FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_new RENAME TO jobs;

CREATE TABLE job_lines (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  at     INTEGER NOT NULL,
  text   TEXT NOT NULL
) STRICT;
CREATE INDEX job_lines_by_job ON job_lines (job_id, seq);

-- What the Hub answered, for when it is out of reach. The key holds endpoint, route and input.
CREATE TABLE hub_answers (
  key        TEXT PRIMARY KEY,
  answer     TEXT NOT NULL,
  fetched_at INTEGER NOT NULL
) STRICT;
CREATE INDEX hub_answers_by_age ON hub_answers (fetched_at);

-- Headers of files on the Hub. A commit's file never changes, so neither does this.
CREATE TABLE remote_headers (
  repo_id   TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  path      TEXT NOT NULL,
  summary   TEXT NOT NULL,
  PRIMARY KEY (repo_id, commit_id, path)
) STRICT;

-- The cache as it was last seen, so that a list does not wait for the disk.
CREATE TABLE cache_files (
  folder      TEXT NOT NULL,
  repo_id     TEXT NOT NULL,
  commit_id   TEXT NOT NULL,
  path        TEXT NOT NULL,
  -- The name of the blob; null for a copy in the snapshot.
  blob        TEXT,
  size_bytes  INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  PRIMARY KEY (folder, repo_id, commit_id, path)
) STRICT;

-- What belongs to a repository of the cache as a whole. `details` is JSON: refs, times of its folders, unfinished files.
CREATE TABLE cache_repositories (
  folder  TEXT NOT NULL,
  repo_id TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (folder, repo_id)
) STRICT;

-- Models that are never evicted by themselves.
CREATE TABLE pins (
  model_id TEXT PRIMARY KEY
) STRICT;

-- Files of other places that were taken into the list where they lie.
CREATE TABLE imported_files (
  model_id TEXT PRIMARY KEY,
  path     TEXT NOT NULL,
  added_at INTEGER NOT NULL
) STRICT;

-- The commit that a repository's branch was at when somebody last looked.
CREATE TABLE branch_heads (
  repo_id    TEXT NOT NULL,
  ref        TEXT NOT NULL,
  commit_id  TEXT NOT NULL,
  checked_at INTEGER NOT NULL,
  PRIMARY KEY (repo_id, ref)
) STRICT;
