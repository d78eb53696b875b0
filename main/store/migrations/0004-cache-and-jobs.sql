-- The files of a repository stand in its details: as ten thousand rows of their own they took longer to read than all the rest.
DROP TABLE cache_files;
DROP TABLE cache_repositories;
CREATE TABLE cache_repositories (
  folder  TEXT NOT NULL,
  repo_id TEXT NOT NULL,
  -- JSON: refs, revisions with their files, unfinished files.
  details TEXT NOT NULL,
  -- JSON: the times of its folders. Apart, for only a look at the disk asks for them.
  times   TEXT NOT NULL,
  PRIMARY KEY (folder, repo_id)
) STRICT;

-- What the Hub said a file hashes to. Where links are not possible no name in the cache says it.
CREATE TABLE file_hashes (
  repo_id   TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  path      TEXT NOT NULL,
  -- sha256, or the id that git gives a file.
  hash      TEXT NOT NULL,
  PRIMARY KEY (repo_id, commit_id, path)
) STRICT;

-- What a move of the cache that is not over puts into the new folder, by its way from there.
CREATE TABLE moved_files (
  path TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Which kinds of jobs there are is the contract's to say. The lines come along: dropping the old table would delete them.
CREATE TABLE jobs_new (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('queued', 'running', 'waiting', 'verifying', 'done', 'failed', 'paused')),
  -- What the job does, as JSON: of a download repoId, revision, files with size and hash.
  spec       TEXT NOT NULL,
  error      TEXT,
  -- Lower runs first.
  position   REAL NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO jobs_new SELECT id, kind, state, spec, error, position, created_at, updated_at FROM jobs;
CREATE TABLE job_lines_new (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL REFERENCES jobs_new (id) ON DELETE CASCADE,
  at     INTEGER NOT NULL,
  text   TEXT NOT NULL
) STRICT;
INSERT INTO job_lines_new SELECT seq, job_id, at, text FROM job_lines;
DROP TABLE job_lines;
DROP TABLE jobs;
ALTER TABLE jobs_new RENAME TO jobs;
ALTER TABLE job_lines_new RENAME TO job_lines;
CREATE INDEX job_lines_by_job ON job_lines (job_id, seq);
