/** Downloads and other long work. */
import type { downloads as english } from '../en/downloads.ts';
import { formatInteger, plural } from '../format.ts';

export const downloads: typeof english = {
  title: 'Downloads',
  /** Begins with what the button shows, so that it can be said to a voice control. */
  name: (active: number, failed: number, percent: string | null): string =>
    active > 0
      ? `Downloads ${percent ?? ''}, ${formatInteger(active)} aktiv`
      : failed > 0
        ? `Downloads, ${formatInteger(failed)} fehlgeschlagen`
        : 'Downloads',
  clearFinished: 'Fertige ausblenden',
  emptyTitle: 'Keine Downloads',
  emptyText: 'Downloads und Konvertierungen erscheinen hier und laufen im Hintergrund weiter.',
  states: {
    queued: 'In der Warteschlange',
    waiting: 'Wartet auf Speicherplatz',
    verifying: 'Wird geprüft',
    done: 'Fertig',
    failed: 'Fehlgeschlagen',
    paused: 'Angehalten',
  },
  running: {
    download: 'Wird heruntergeladen',
    verify: 'Wird geprüft',
    move: 'Wird verschoben',
    limit: 'Platz wird freigegeben',
    backend: 'Wird heruntergeladen',
    convert: 'Wird konvertiert',
    quantize: 'Wird quantisiert',
    imatrix: 'Wird erstellt',
    measure: 'Wird gemessen',
    verify_model: 'Wird geprüft',
    adapter: 'Wird konvertiert',
    split: 'Wird aufgeteilt',
    merge: 'Wird zusammengefügt',
    export: 'Wird exportiert',
  },
  acting: (action: string, name: string): string => `${action}: ${name}`,
  stateAndPercent: (state: string, percent: string): string => `${state}, ${percent}`,
  moveUp: 'Nach oben',
  moveDown: 'Nach unten',
  showTable: 'Tabelle anzeigen',
  showLog: 'Protokoll anzeigen',
  moreFor: (name: string): string => `Mehr zu: ${name}`,
  shards: (count: number): string => plural(count, { one: '# Teil', other: '# Teile' }),
  connections: (count: number): string => plural(count, { one: '# Verbindung', other: '# Verbindungen' }),
  amount: (done: string, total: string): string => `${done} von ${total}`,
  resumesItself: 'Danach geht es von selbst weiter.',
  waitingWith: (needed: string, free: string): string => `Wartet auf Speicherplatz: ${needed} nötig, ${free} frei.`,
  waiting: 'Wartet auf Speicherplatz.',
  freeUpSpace: 'Speicherplatz freigeben',
  stalled: 'Es kommen keine Daten an',
  speed: (rate: string): string => `Geschwindigkeit, jetzt ${rate}`,
  left: (time: string): string => `noch ${time}`,
  pause: (name: string): string => `${name} anhalten`,
  resume: (name: string): string => `${name} fortsetzen`,
  retry: (name: string): string => `${name} erneut versuchen`,
  cancel: (name: string): string => `${name} abbrechen`,
  canceled: (name: string): string => `${name} abgebrochen`,
  removedAlready: (name: string): string => `Nicht mehr wiederherstellbar: ${name}`,
  removedText: 'Die empfangenen Daten sind gelöscht. Bei Bedarf erneut herunterladen.',
  dismiss: (name: string): string => `${name} ausblenden`,
  arrived: (name: string): string => `${name} ist auf diesem Computer`,
  logOf: (name: string): string => `Protokoll: ${name}`,
  log: 'Protokoll',
  nothingYet: 'Noch ist nichts geschehen.',
};
