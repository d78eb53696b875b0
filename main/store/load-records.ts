/**
 * Records of loads: a model's own load settings, its calibration on this machine, and the measured memory of its loads. Beside them the
 * rate of this machine's memory.
 */
import { type Calibration, type LoadSettings, loadSettingsSchema } from '../../preload/contract/engine.ts';
import type { MemoryUse } from '../model-file/memory.ts';
import { readJson, readJsonObject } from './json.ts';
import { statement, transaction, type Store } from './store.ts';

/** How the speeds of a stored calibration were measured. Format 2 computes the logits too; the speeds without a format left them out. */
const CALIBRATION_FORMAT = 2;

/** Null also for a calibration of another format, so that its model is measured again. */
function readCalibration(column: string | undefined): Calibration | null {
  const kept = readJsonObject<Calibration & { readonly format?: unknown }>(column);
  if (kept?.format !== CALIBRATION_FORMAT) return null;
  const { format: _, ...calibration } = kept;
  return calibration;
}

/** `machine` is a key of processor and devices. Every read returns null when nothing is stored. */
export interface LoadRecords {
  settings(modelId: string): LoadSettings | null;
  saveSettings(modelId: string, settings: LoadSettings | null): void;
  calibration(modelId: string, machine: string): Calibration | null;
  saveCalibration(modelId: string, machine: string, calibration: Calibration): void;
  /** The highest rate of all calibrations on this machine: other programs make a measurement slower, and nothing makes it faster. */
  readBytesPerSecond(machine: string): number | null;
  /** The rate at which this machine reads its memory without a model. */
  memoryBytesPerSecond(machine: string): number | null;
  saveMemoryRate(machine: string, bytesPerSecond: number): void;
  measured(modelId: string, machine: string, settingsKey: string): MemoryUse | null;
  saveMeasured(modelId: string, machine: string, settingsKey: string, load: MemoryUse): void;
}

/** The records in the database. Settings that the schema no longer accepts count as none. */
export function createLoadRecords(store: Store, now: () => number = Date.now): LoadRecords {
  return {
    settings(modelId) {
      const row = statement(store, 'SELECT settings FROM load_settings WHERE model_id = ?').get(modelId) as
        { settings: string } | undefined;
      return loadSettingsSchema.safeParse(readJson(row?.settings)).data ?? null;
    },
    saveSettings(modelId, settings) {
      transaction(store, () =>
        settings === null
          ? statement(store, 'DELETE FROM load_settings WHERE model_id = ?').run(modelId)
          : statement(
              store,
              `INSERT INTO load_settings (model_id, settings) VALUES (?, ?)
               ON CONFLICT (model_id) DO UPDATE SET settings = excluded.settings`,
            ).run(modelId, JSON.stringify(settings)),
      );
    },
    calibration(modelId, machine) {
      const row = statement(store, 'SELECT calibration FROM calibrations WHERE model_id = ? AND machine = ?').get(
        modelId,
        machine,
      ) as { calibration: string } | undefined;
      return readCalibration(row?.calibration);
    },
    saveCalibration(modelId, machine, calibration) {
      transaction(store, () =>
        statement(
          store,
          `INSERT INTO calibrations (model_id, machine, calibration) VALUES (?, ?, ?)
           ON CONFLICT (model_id, machine) DO UPDATE SET calibration = excluded.calibration`,
        ).run(modelId, machine, JSON.stringify({ ...calibration, format: CALIBRATION_FORMAT })),
      );
    },
    readBytesPerSecond(machine) {
      const rows = statement(store, 'SELECT calibration FROM calibrations WHERE machine = ?').all(machine) as {
        calibration: string;
      }[];
      const rates = rows
        .map((row) => readCalibration(row.calibration)?.readBytesPerSecond)
        .filter((rate) => typeof rate === 'number');
      return rates.length === 0 ? null : Math.max(...rates);
    },
    memoryBytesPerSecond(machine) {
      const row = statement(store, 'SELECT bytes_per_second AS rate FROM memory_rates WHERE machine = ?').get(
        machine,
      ) as { rate: number } | undefined;
      return row?.rate ?? null;
    },
    saveMemoryRate(machine, bytesPerSecond) {
      transaction(store, () =>
        statement(
          store,
          `INSERT INTO memory_rates (machine, bytes_per_second, measured_at) VALUES (?, ?, ?)
           ON CONFLICT (machine) DO UPDATE
           SET bytes_per_second = excluded.bytes_per_second, measured_at = excluded.measured_at`,
        ).run(machine, bytesPerSecond, now()),
      );
    },
    measured(modelId, machine, settingsKey) {
      const row = statement(
        store,
        'SELECT ram_bytes, vram_bytes FROM measured_loads WHERE model_id = ? AND machine = ? AND settings_key = ?',
      ).get(modelId, machine, settingsKey) as { ram_bytes: number; vram_bytes: number } | undefined;
      return row === undefined ? null : { ramBytes: row.ram_bytes, vramBytes: row.vram_bytes };
    },
    saveMeasured(modelId, machine, settingsKey, load) {
      transaction(store, () =>
        statement(
          store,
          `INSERT INTO measured_loads (model_id, machine, settings_key, ram_bytes, vram_bytes, measured_at)
           VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (model_id, machine, settings_key) DO UPDATE
           SET ram_bytes = excluded.ram_bytes, vram_bytes = excluded.vram_bytes, measured_at = excluded.measured_at`,
        ).run(modelId, machine, settingsKey, Math.round(load.ramBytes), Math.round(load.vramBytes), now()),
      );
    },
  };
}
