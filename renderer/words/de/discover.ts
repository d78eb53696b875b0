/** The Hub: search, filters, one model's page. */
import type { CuratedModel, RecommendedModel } from '../../../preload/contract/hub.ts';
import type { discover as english } from '../en/discover.ts';
import { formatCount, formatInteger, plural } from '../format.ts';

/** Why each model is on the app's own list. */
const curated: Record<CuratedModel, string> = {
  qwen3_30b_a3b:
    'Es weiß so viel wie ein Modell mit 30 Milliarden Parametern, rechnet aber je Token nur mit 3 Milliarden davon.',
  gpt_oss_20b:
    'Es ist für seine Größe stark im Schlussfolgern und rechnet je Token nur mit einem Sechstel seiner Parameter.',
  qwen3_14b: 'Es weiß mehr als die kleineren seiner Familie und ist für Computer mit Grafikkarte gedacht.',
  qwen3_8b: 'Es ist ein fähiger Allrounder in vielen Sprachen und kann vor der Antwort nachdenken.',
  qwen3_4b: 'Es antwortet gut in vielen Sprachen und läuft auch ohne Grafikkarte gut.',
  smollm3_3b: 'Es ist klein, und seine Entwickler legen offen, wie es trainiert wurde.',
  qwen3_1_7b: 'Es gehört zu den besten der sehr kleinen Modelle und kann vor der Antwort nachdenken.',
  qwen2_5_1_5b: 'Es antwortet sofort, ohne vorher nachzudenken, und läuft auf alten Computern.',
  qwen3_0_6b: 'Es ist das kleinste, mit dem sich noch ein Gespräch führen lässt.',
};

function whyPicked({ why, speed, curated: key }: RecommendedModel): string {
  const reason = key === null ? 'Es gehört zu den meistgeladenen Modellen des Hubs.' : curated[key];
  if (why === 'smallest')
    return `Kein Modell, das Hearth kennt, hat auf diesem Computer bequem Platz und ist zugleich schnell. Dies ist das kleinste. ${reason}`;
  switch (speed) {
    case 'predicted':
      return `Das beste Modell, das auf diesen Computer passt und hier schnell läuft. ${reason}`;
    case 'estimated':
      return `Das beste Modell, das auf diesen Computer passt und hier schnell laufen dürfte: Das Tempo ist anhand des Arbeitsspeichers dieses Computers geschätzt. ${reason}`;
    case 'assumed':
      return `Das beste Modell, das auf diesen Computer passt und hier schnell laufen dürfte; das Tempo wird nach dem ersten Laden gemessen. ${reason}`;
    default:
      return speed satisfies never;
  }
}

export const discover: typeof english = {
  tab: 'Entdecken',
  listLabel: 'Modelle auf dem Hub',
  model: 'Modell',
  allModels: 'Alle Modelle',
  chooseTitle: 'Modell wählen',
  chooseText:
    'Hier stehen dann seine Dateien, jeweils mit dem Hinweis, ob sie in den Arbeitsspeicher dieses Computers passen.',
  search: 'Modelle suchen',
  searchPlaceholder: 'Modelle suchen oder Adresse einfügen',
  searching: 'Suche läuft',
  clearSearch: 'Suche leeren',
  sortBy: 'Sortieren nach',
  sorts: {
    trending: 'Im Trend',
    downloads: 'Meiste Downloads',
    likes: 'Meiste Likes',
    updated: 'Zuletzt aktualisiert',
  },
  filters: 'Filter',
  filtersOn: 'aktiv',
  activeFilters: 'Aktive Filter',
  format: 'Format',
  formats: { gguf: 'GGUF', safetensors: 'safetensors', any: 'Beliebig' },
  anyFormat: 'Beliebiges Format',
  task: 'Aufgabe',
  anyTask: 'Beliebige Aufgabe',
  tasks: {
    'text-generation': 'Text und Chat',
    'image-text-to-text': 'Bilder und Text',
    'feature-extraction': 'Embeddings',
    'text-ranking': 'Ranking',
    translation: 'Übersetzung',
    summarization: 'Zusammenfassungen',
    'automatic-speech-recognition': 'Sprache zu Text',
    'text-to-speech': 'Text zu Sprache',
  } as Record<string, string>,
  license: 'Lizenz',
  anyLicense: 'Beliebige Lizenz',
  author: 'Autor',
  authorPlaceholder: 'Eine Person oder Organisation',
  authorWrong: 'Ein Autorenname auf dem Hub ist ein einziges Wort.',
  clearFilters: 'Filter zurücksetzen',
  removeFilter: (name: string): string => `Filter „${name}“ entfernen`,
  byAuthor: (name: string): string => `Von ${name}`,
  results: 'Ergebnisse',
  noResults: 'Keine Treffer auf dem Hub',
  noResultsText: 'Weniger oder andere Wörter versuchen oder Filter entfernen.',
  noGguf: 'Kein Treffer mit GGUF-Dateien',
  noGgufText:
    'Modelle, die nur als Originalgewichte (safetensors) veröffentlicht sind, sind nicht dabei. Die meisten lassen sich konvertieren.',
  searchAllFormats: 'In allen Formaten suchen',
  foreignAddress: (host: string): string =>
    `${host} ist nicht der Hub. Die Adresse eines Modells auf Hugging Face einfügen oder nach dem Namen suchen.`,
  noModelTitle: 'Kein Modell zum Anzeigen',
  noModelText: 'Hier erscheinen die Modelle, die zur Suche passen.',
  noSuchModel: (repoId: string): string => `${repoId} gibt es auf dem Hub nicht, oder es ist privat.`,
  showEverything: 'Alles anzeigen',
  offlineText:
    'Modelle auf diesem Computer funktionieren weiterhin. Unterbrochene Downloads setzen dort fort, wo sie aufgehört haben.',
  localModels: 'Modelle auf diesem Computer',
  nextPageFailed: 'Die nächste Seite konnte nicht geladen werden.',
  more: 'Mehr',
  gated: 'Zugangsbeschränkt',
  ggufMark: 'GGUF',
  downloadsHidden: 'Downloads',
  likesHidden: 'Likes',
  updatedHidden: 'Aktualisiert',
  // In brackets, because a short date may end with a full stop of its own.
  offlineNote: (byChoice: boolean, when: string): string =>
    `${byChoice ? 'Der Offline-Modus ist an.' : 'Der Hub ist nicht erreichbar.'} Angezeigt werden gespeicherte Ergebnisse (Stand: ${when}).`,
  pick: {
    title: 'Empfohlen für diesen Computer',
    looking: 'Ein Modell für diesen Computer wird ausgewählt',
    why: whyPicked,
    download: (size: string): string => `Herunterladen (${size})`,
    offline: (size: string, quantization: string, license: string): string =>
      `Der Hub ist nicht erreichbar. Aus Hearths eigener Liste: Download ${size}, ${quantization}, Lizenz ${license}.`,
  },
  openOnHub: 'Auf dem Hub öffnen',
  downloads: (count: number): string => plural(count, { one: '# Download', other: `${formatCount(count)} Downloads` }),
  likes: (count: number): string => plural(count, { one: '# Like', other: `${formatCount(count)} Likes` }),
  updated: (when: string): string => `Aktualisiert: ${when}`,
  facts: {
    license: 'Lizenz',
    parameters: 'Parameter',
    context: 'Kontextgröße',
    architecture: 'Architektur',
    access: 'Zugang',
    baseModel: 'Basismodell',
    size: 'Größe',
    dataType: 'Datentyp',
    dataTypes: 'Datentypen',
  },
  accessOpen: 'Offen',
  accessGated: 'Nach Akzeptieren der Lizenz',
  accessGranted: 'Ihrem Konto gewährt',
  noFilesTitle: 'Keine GGUF-Dateien',
  noFilesText: 'Hearth führt GGUF-Dateien aus. Vielleicht hat jemand welche für dieses Modell veröffentlicht.',
  lookForGguf: 'GGUF-Version suchen',
  ggufQuery: (name: string): string => `${name} GGUF`,
  fileMissing: (name: string): string => `${name} gibt es hier nicht. Dies sind die verfügbaren Dateien.`,
  severalFiles: (name: string): string => `Mehrere Dateien hier sind ${name}. Eine davon wählen.`,
  tags: 'Schlagwörter',
  moreTags: (count: number): string => `${formatInteger(count)} weitere`,
  files: 'Dateien',
  columns: {
    file: 'Datei',
    size: 'Größe',
    bits: 'Bit je Gewicht',
    memory: 'Speicherbedarf',
    here: 'Auf diesem Computer',
  },
  quantizationUnknown: 'Unbekannte Quantisierung',
  recommended: 'Empfohlen',
  shards: (count: number): string => plural(count, { one: '# Teildatei', other: '# Teildateien' }),
  showFit: 'Speicherbedarf anzeigen',
  onThisComputer: 'Auf diesem Computer',
  download: 'Herunterladen',
  downloadFile: (name: string): string => `${name} herunterladen`,
  access: 'Zugang',
  accessRefused: 'Das Konto zum gespeicherten Zugriffstoken hat noch keinen Zugang.',
  tokenNeeded:
    'Danach in den Einstellungen ein Zugriffstoken eingeben, damit Hearth mit dem zugehörigen Konto herunterladen kann.',
  acceptOnHub: 'Auf dem Hub akzeptieren',
  enterToken: 'Zugriffstoken eingeben',
  enterAnotherToken: 'Anderes Zugriffstoken eingeben',
  fit: {
    contextSize: 'Kontextgröße',
    gpuLayers: 'GPU-Schichten',
    memoryType: 'Speichertyp (KV-Cache)',
    reset: 'Auf Hearths Auswahl zurücksetzen',
    unreadable: (why: string): string =>
      `Aus der Dateigröße geschätzt; der Header konnte nicht gelesen werden. ${why}.`,
    reading: 'Aus der Dateigröße geschätzt; der Header wird gelesen.',
    readBefore: 'Aus dem Header des Modells berechnet, der schon früher gelesen wurde.',
    readNow: (size: string, requests: number): string =>
      `Aus dem Header des Modells berechnet: ${size} der Datei wurden gelesen, mit ${plural(requests, { one: '# Anfrage', other: '# Anfragen' })}.`,
  },
  card: { title: 'Modellkarte', continued: 'Die Modellkarte geht auf dem Hub weiter.', table: 'Tabelle' },
  safetensors: {
    title: 'Originalgewichte',
    format: '(safetensors)',
    byType: 'Parameter nach Datentyp',
  },
  errorActions: {
    acceptOnHub: 'Auf dem Hub akzeptieren',
    freeSpace: 'Speicherplatz freigeben',
    chooseFolder: 'Anderen Ordner wählen',
  },
};
