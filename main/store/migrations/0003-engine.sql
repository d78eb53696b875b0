ALTER TABLE chats ADD COLUMN context_policy TEXT NOT NULL DEFAULT 'roll'
  CHECK (context_policy IN ('stop', 'roll', 'cut_middle'));

-- A model's own load settings, as JSON of the contract's LoadSettings.
CREATE TABLE load_settings (
  model_id TEXT PRIMARY KEY,
  settings TEXT NOT NULL
) STRICT;

-- What a short run found to be fastest; `machine` is a key of processor, cores and devices.
CREATE TABLE calibrations (
  model_id    TEXT NOT NULL,
  machine     TEXT NOT NULL,
  calibration TEXT NOT NULL,
  PRIMARY KEY (model_id, machine)
) STRICT;

-- What a load really took, by model, device and the settings that decide about memory.
CREATE TABLE measured_loads (
  model_id     TEXT NOT NULL,
  machine      TEXT NOT NULL,
  settings_key TEXT NOT NULL,
  ram_bytes    INTEGER NOT NULL,
  vram_bytes   INTEGER NOT NULL,
  measured_at  INTEGER NOT NULL,
  PRIMARY KEY (model_id, machine, settings_key)
) STRICT;

-- States of chats (KV cache) on disk. A state is used only where every key is the same.
CREATE TABLE chat_states (
  chat_id      TEXT PRIMARY KEY,
  file_name    TEXT NOT NULL,
  size_bytes   INTEGER NOT NULL,
  -- Model file, its size and time, the settings that shape the state, the engine's build.
  engine_key   TEXT NOT NULL,
  token_count  INTEGER NOT NULL,
  token_hash   TEXT NOT NULL,
  last_used_at INTEGER NOT NULL
) STRICT;
