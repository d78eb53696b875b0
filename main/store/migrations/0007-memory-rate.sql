-- How fast a machine reads its main memory, measured without a model. `machine` is the key of calibrations.
CREATE TABLE memory_rates (
  machine          TEXT PRIMARY KEY,
  bytes_per_second REAL NOT NULL CHECK (bytes_per_second > 0),
  measured_at      INTEGER NOT NULL
) STRICT;
