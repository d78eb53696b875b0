/** Adapters, models of several files, and GGUF back to safetensors. */
import type { sideways as english } from '../en/sideways.ts';
import { plural } from '../format.ts';

export const sideways: typeof english = {
  adapter: 'Adapter (LoRA)',
  adapterOf: (name: string): string => `Adapter ${name}`,
  changes: (count: number): string =>
    `Er ändert ${plural(count, { one: '# Matrix', other: '# Matrizen' })} seiner Basis und läuft nur mit ihr.`,
  /** `name` is as the adapter has it, which may be a folder of another computer. */
  isFor: (name: string): string => `Dies ist ein Adapter für ${name}.`,
  isForUnknown: 'Dies ist ein Adapter, der seine Basis nicht nennt.',
  base: 'Basismodell',
  baseHint: 'Die Originalgewichte (safetensors), keine GGUF-Datei.',
  otherBase: 'Anderes Repository…',
  repository: 'Repository der Basis',
  repositoryForm: 'OWNER/NAME',
  useBase: 'Diese Basis verwenden',
  checkingBase: 'Die Header der Basis werden gelesen.',
  baseHere: (size: string): string => `Die Basis ist auf diesem Computer (${size}).`,
  basePartly: (missing: string): string => `Ein Teil der Basis muss heruntergeladen werden: ${missing}.`,
  baseRemote: (size: string): string => `Die Basis muss heruntergeladen werden: ${size}.`,
  /** `tensor` is the first one that has no place in the base; empty where none is named. */
  doesNotFit: (base: string, tensor: string): string =>
    `Dieser Adapter passt nicht zu ${base}${tensor === '' ? '' : `: Für ${tensor} gibt es dort keine Matrix dieser Form`}. Die Basis wählen, auf der er trainiert wurde.`,
  baseDeleted: 'Sie werden zum Zusammenführen heruntergeladen und danach gelöscht.',
  merge: 'Zusammenführen und konvertieren…',
  mergeText:
    'Empfohlen: ein einziges Modell mit dem Adapter in den Gewichten, in jedem Typ. Es läuft wie jedes andere.',
  mergeNamed: (name: string): string => `${name} mit der Basis zusammenführen`,
  alone: 'Als GGUF-Adapter behalten',
  aloneText:
    'Eine kleine Datei. Die Basis als GGUF herunterladen und in ihren Ladeeinstellungen unter Adapter den Adapter wählen. Von der Basis wird nur config.json gelesen.',
  aloneStarted: (name: string): string => `Der Adapter ${name} wird konvertiert`,
  split: 'Aufteilen…',
  splitHint: 'In mehrere kleinere Dateien aufteilen',
  splitTitle: (name: string): string => `${name} aufteilen`,
  splitText: 'Die Teile laufen wie das Ganze: llama.cpp öffnet alle über den ersten. Die jetzige Datei bleibt.',
  splitSize: 'Größter Teil',
  splitInto: (count: number): string => `Etwa ${plural(count, { one: '# Datei', other: '# Dateien' })}.`,
  splitStart: 'Aufteilen',
  splitStarted: (name: string): string => `${name} wird aufgeteilt`,
  join: 'Dateien zusammenfügen',
  joinHint: 'Aus mehreren Dateien eine machen. Die einzelnen bleiben erhalten',
  joinStarted: (name: string): string => `Die Dateien von ${name} werden zusammengefügt`,
  export: 'Als safetensors exportieren…',
  exportHint: 'Mit config.json, in einen Ordner nach Wahl',
  exportTitle: 'Als safetensors exportieren',
  exportText: 'Im gewählten Ordner wird ein neuer Ordner angelegt. Quantisierte Tensoren werden zu F16.',
  exportUse: 'In diesen Ordner exportieren',
  exportStarted: (name: string): string => `${name} wird exportiert`,
};
