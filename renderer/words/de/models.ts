/** Models, wherever they are named, listed or described. */
import type { models as englishModels, tokens as englishTokens } from '../en/models.ts';
import { formatInteger, plural } from '../format.ts';

export const models: typeof englishModels = {
  licenses: {
    none: 'Keine Lizenz angegeben',
    byId: {
      'apache-2.0': 'Apache 2.0',
      mit: 'MIT',
      'bsd-2-clause': 'BSD 2-Clause',
      'bsd-3-clause': 'BSD 3-Clause',
      'cc0-1.0': 'CC0 1.0 (gemeinfrei)',
      'cc-by-4.0': 'CC BY 4.0',
      'cc-by-sa-4.0': 'CC BY-SA 4.0',
      'cc-by-nc-4.0': 'CC BY-NC 4.0 (nicht kommerziell)',
      'cc-by-nc-sa-4.0': 'CC BY-NC-SA 4.0 (nicht kommerziell)',
      gemma: 'Gemma Terms of Use',
      llama2: 'Llama 2 Community License',
      llama3: 'Llama 3 Community License',
      'llama3.1': 'Llama 3.1 Community License',
      'llama3.2': 'Llama 3.2 Community License',
      'llama3.3': 'Llama 3.3 Community License',
      llama4: 'Llama 4 Community License',
      'gpl-3.0': 'GPL 3.0',
      'agpl-3.0': 'AGPL 3.0',
      openrail: 'OpenRAIL',
      unknown: 'Unbekannte Lizenz',
      other: 'Eigene Lizenz',
    } as Record<string, string>,
  },
  gating: {
    auto: 'Vor dem Download muss die Lizenz auf dem Hub akzeptiert werden. Der Zugang wird sofort gewährt.',
    manual:
      'Vor dem Download muss die Lizenz auf dem Hub akzeptiert werden. Die Eigentümer prüfen jede Anfrage; das kann eine Weile dauern.',
    hidden: 'Dieses Modell wird erst gezeigt, wenn seine Lizenz auf dem Hub akzeptiert wurde.',
  },
  fit: { fits: 'Passt', tight: 'Eventuell knapp', too_big: 'Passt nicht', unknown: 'Unbekannt' },
  fitBar: {
    weights: 'Gewichte',
    kvCache: 'KV-Cache',
    compute: 'Rechenpuffer',
    needed: (needed: string): string => `${needed} nötig`,
    neededOfFree: (needed: string, free: string): string => `${needed} von verfügbaren ${free}`,
    neededMoreThanFree: (needed: string, free: string): string => `${needed} nötig, ${free} verfügbar`,
    availableHint: 'Freier Speicher, ohne den Anteil, der anderen Programmen bleibt.',
    missing: (size: string): string => `${size} zu wenig`,
    part: (name: string, size: string): string => `${name} ${size}`,
    summary: (memory: string, need: string, parts: string): string => `${memory}: ${need}. ${parts}`,
  },
  fitCard: {
    title: 'Speicherbedarf',
    region: (name: string): string => `Speicherbedarf von ${name}`,
    layers: (onGpu: number, all: number): string =>
      `${formatInteger(onGpu)} von ${plural(all, { one: '# Schicht', other: '# Schichten' })} auf der GPU`,
    context: (tokens: number): string =>
      `Bei einer Kontextgröße von ${plural(tokens, { one: '# Token', other: '# Token' })}.`,
  },
  basis: {
    file_size: 'Aus der Dateigröße geschätzt.',
    header: 'Aus dem Header des Modells geschätzt.',
    measured: 'Beim letzten Laden auf diesem Computer gemessen.',
  },
  groups: {
    projectors: 'Projektoren',
    projectorsNote: 'Lassen ein Modell Bilder sehen oder Ton hören. Für sich allein keine Modelle.',
    adapters: 'Adapter (LoRA)',
    adaptersNote: 'Ändern den Stil eines Basismodells. Für sich allein keine Modelle.',
    drafts: 'Entwurfsmodelle',
    draftsNote: 'Sagen die Token eines der Modelle hier voraus, damit es schneller schreibt.',
    vocoders: 'Vocoder',
    vocodersNote: 'Machen aus der Ausgabe eines Sprachmodells Ton. Für sich allein keine Modelle.',
    matrices: 'Wichtigkeitsmatrizen',
    matricesNote:
      'Wurden beim Quantisieren der Modelle hier verwendet. Sie sind keine Modelle und lassen sich nicht laden.',
    bitsNotes: {
      two: 'Am kleinsten, mit deutlichem Qualitätsverlust.',
      three: 'Klein, mit etwas Qualitätsverlust.',
      four: 'Die übliche Wahl.',
      six: 'Näher am Original.',
      eight: 'Fast ohne Verlust.',
      full: 'Genauigkeit des Originals oder nahe daran. Groß und langsam.',
    },
  },
  auxiliary: {
    adapter: 'Adapter (LoRA)',
    adapterText: (architecture: string | null): string =>
      `Ändert den Stil ${architecture === null ? 'eines Modells' : `eines ${architecture}-Modells`}. Auszuwählen in den Ladeeinstellungen dieses Modells.`,
    draft: 'Entwurfsmodell',
    draftText: 'Sagt die Token des Modells voraus, für das es gemacht wurde, damit dieses schneller schreibt.',
    vocoder: 'Vocoder',
    vocoderText:
      'Macht aus der Ausgabe des Modells, für das er gemacht wurde, Ton. Für sich allein ist er kein Modell.',
    imatrix: 'Wichtigkeitsmatrix',
    imatrixText: 'Wurde beim Quantisieren von Modellen verwendet. Sie enthält nichts, was sich ausführen lässt.',
    projector: 'Projektor',
    projectorText:
      'Lässt das Modell, für das er gemacht wurde, Bilder sehen oder Ton hören. Für sich allein ist er kein Modell.',
  },
  origins: {
    built_in: 'Eingebaut',
    hub: (repoId: string): string => `Aus ${repoId}`,
    imported: 'Aus einer Datei hinzugefügt',
    converted: 'Von Hearth erzeugt',
    folder: 'In einem Ihrer Ordner',
    program: (name: string): string => `Gehört zu ${name}`,
  },
  loaded: {
    failed: 'Konnte nicht geladen werden',
    inUse: 'in Verwendung',
    writing: 'schreibt',
    writingReplies: (count: number): string =>
      plural(count, { one: 'schreibt # Antwort', other: 'schreibt # Antworten' }),
    loading: (percent: string): string => `Wird geladen, ${percent}`,
    preparing: 'Wird vorbereitet',
    on: (device: string): string => `auf ${device}`,
    sizeOn: (size: string, device: string): string => `${size} auf ${device}`,
    ramAndVram: (ram: string, vram: string): string => `${ram}, ${vram}`,
    unloadsSoon: 'wird in weniger als einer Minute entladen',
    unloadsInMinutes: (minutes: number): string => `wird in ${formatInteger(minutes)}\u00a0min entladen`,
    unloadsInHours: (hours: number): string => `wird in ${formatInteger(hours)}\u00a0h entladen`,
  },
  template: {
    title: 'Chat-Template',
    lines: (count: number): string => plural(count, { one: '# Zeile', other: '# Zeilen' }),
    text: 'Die Vorlage bringt Nachrichten in die Form, mit der das Modell trainiert wurde. Eine Vorlage kann versteckte Anweisungen enthalten.',
  },
  downloadAgain: 'Erneut herunterladen',
  chat: 'Chatten',
  chatWith: (name: string): string => `Mit ${name} chatten`,
  load: (name: string): string => `${name} laden`,
  unload: (name: string): string => `${name} entladen`,
  loadSettings: 'Ladeeinstellungen',
  loadSettingsFor: (name: string): string => `Ladeeinstellungen für ${name}`,
  tokens: (count: number): string => plural(count, { one: '# Token', other: '# Token' }),
  tokensOf: (count: number, all: number): string =>
    `${formatInteger(count)} von ${plural(all, { one: '# Token', other: '# Token' })}`,
  layersOf: (count: number, all: number): string =>
    `${formatInteger(count)} von ${plural(all, { one: '# Schicht', other: '# Schichten' })}`,
  countOf: (count: number, all: number): string => `${formatInteger(count)} von ${formatInteger(all)}`,
  usedAgo: (when: string): string => `Verwendet: ${when}`,
  notUsed: 'Noch nicht verwendet',
  actions: {
    endsReply: (name: string): string => `${name} schreibt gerade eine Antwort`,
    endsReplyText: 'Das Entladen beendet die Antwort. Der bisherige Text bleibt erhalten.',
    filesAdded: (count: number): string =>
      plural(count, { one: '# Datei wurde hinzugefügt', other: '# Dateien wurden hinzugefügt' }),
    updates: (count: number): string =>
      count === 0
        ? 'Alle Modelle sind aktuell'
        : plural(count, { one: 'Für # Modell gibt es ein Update', other: 'Für # Modelle gibt es Updates' }),
    deleted: (name: string): string => `${name} gelöscht`,
    frees: (size: string): string => `Gibt ${size} frei.`,
    freesNothing: 'Gibt nichts frei: Eine andere Revision hat dieselben Dateien.',
    goneAlready: (name: string): string => `${name} war schon gelöscht`,
    goneText: 'Die Datei ist nicht mehr auf dem Datenträger.',
    found: (count: number): string =>
      plural(count, { one: '# Modell auf diesem Computer', other: '# Modelle auf diesem Computer' }),
    cleaned: (size: string): string => `${size} freigegeben`,
    nothingCleaned: 'Nichts aufzuräumen',
    revision: (commit: string): string => `Revision ${commit}`,
  },
};

/** Text with its tokens. */
export const tokens: typeof englishTokens = {
  hint: 'Auf ein Token zeigen oder die Pfeiltasten verwenden.',
  place: (place: number, all: number): string => `Token ${formatInteger(place)} von ${formatInteger(all)}`,
  id: 'ID',
  text: 'Text',
  showAll: (count: number): string => `Alle ${plural(count, { one: '# Token', other: '# Token' })} anzeigen`,
};
