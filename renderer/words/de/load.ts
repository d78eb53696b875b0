/** Load settings of a model. */
import type { load as english } from '../en/load.ts';
import { formatInteger, plural } from '../format.ts';
import { loadNote } from './load-notes.ts';

export const load: typeof english = {
  note: loadNote,
  title: (name: string): string => `Ladeeinstellungen für ${name}`,
  memory: 'Speicher',
  work: 'Arbeit',
  more: 'Mehr',
  moreLabel: 'Mehr: Threads, Batchgröße, Flash Attention, Dateizugriff',
  contextSize: {
    label: 'Kontextgröße',
    number: 'Token',
    unit: 'Token',
    auto: (tokens: number): string =>
      tokens > 0
        ? `So viel, wie passt: zurzeit ${plural(tokens, { one: '# Token', other: '# Token' })}.`
        : 'So viel, wie passt.',
    model: (trained: number | null): string =>
      trained === null
        ? 'Die Größe, mit der das Modell trainiert wurde.'
        : `Die Größe, mit der das Modell trainiert wurde: ${plural(trained, { one: '# Token', other: '# Token' })}.`,
    tooLong: (trained: number): string =>
      `Mehr als die ${plural(trained, { one: '# Token', other: '# Token' })}, mit denen es trainiert wurde: Antworten können den Faden verlieren.`,
    overTrained: 'Größer als trainiert',
    hint: 'Wie viel vom Gespräch das Modell sieht, in Token. Ein Token ist im Englischen etwa drei Viertel eines Wortes.',
    own: 'Wert des Modells',
  },
  gpuLayers: {
    label: 'GPU-Schichten',
    number: 'Anzahl der GPU-Schichten',
    hint: 'Die übrigen Schichten berechnet die CPU.',
    count: (onGpu: number, all: number, isAuto: boolean): string =>
      `${formatInteger(onGpu)} von ${plural(all, { one: '# Schicht', other: '# Schichten' })}${isAuto ? plural(onGpu, { one: ' passt zurzeit', other: ' passen zurzeit' }) : ''}. Die übrigen berechnet die CPU.`,
    all: 'Alle',
  },
  kvType: { label: 'Speichertyp (KV-Cache)', hint: 'Kleinere Typen erlauben eine größere Kontextgröße.' },
  kvTypes: {
    F32: 'Doppelt so groß wie F16, selten besser',
    F16: 'Der Standard',
    BF16: 'So groß wie F16, für Modelle, die damit trainiert wurden',
    Q8_0: 'Etwa die Hälfte von F16, fast kein Unterschied',
    Q5_1: 'Etwa drei Achtel von F16',
    Q5_0: 'Etwa ein Drittel von F16',
    Q4_1: 'Etwa ein Drittel von F16; lange Texte können leiden',
    Q4_0: 'Etwa ein Viertel von F16; lange Texte können leiden',
    IQ4_NL: 'Etwa ein Viertel von F16; lange Texte können leiden',
  },
  slots: {
    label: 'Parallele Plätze',
    hint: 'Chats, in denen das Modell gleichzeitig antwortet. Jeder Platz braucht seinen eigenen KV-Cache.',
  },
  number: 'Zahl',
  threads: {
    label: 'Threads',
    auto: 'Automatisch gilt die schnellste gemessene Anzahl.',
    cores: (cores: number): string =>
      `Automatisch gilt die schnellste gemessene Anzahl. Dieser Computer hat ${plural(cores, { one: '# Kern', other: '# Kerne' })}; mehr Threads sind langsamer.`,
  },
  batch: {
    label: 'Batchgröße',
    hint: 'Token, die auf einmal gelesen werden. Größere Batches lesen lange Texte schneller und brauchen mehr Speicher.',
  },
  flashAttention: {
    label: 'Flash Attention',
    hint: 'Schneller bei langen Gesprächen und nötig für die quantisierten Speichertypen.',
  },
  mmap: {
    label: 'Datei einblenden (mmap)',
    hint: 'Lädt sofort und lässt das System Speicher zurückholen, wenn andere Programme ihn brauchen.',
  },
  mlock: {
    label: 'Im Arbeitsspeicher halten (mlock)',
    hint: 'Verhindert, dass das System das Modell auslagert.',
  },
  needsFlash: (type: string): string => `Der Typ ${type} braucht Flash Attention, und das ist ausgeschaltet.`,
  speculative: {
    label: 'Spekulatives Dekodieren',
    off: 'Aus',
    lookup: 'Prompt-Lookup',
    draft: 'Entwurfsmodell',
    hints: {
      off: 'Das Modell schreibt ein Token nach dem anderen.',
      lookup:
        'Entwirft Token aus dem Text des Gesprächs; gut für Bearbeitungen, Code und Zusammenfassungen. Hört von selbst auf, wenn es nichts bringt.',
      draft:
        'Ein kleines Modell derselben Familie entwirft Token, und das große prüft sie. Beide brauchen dasselbe Vokabular.',
    },
    missing: (modelId: string): string => `${modelId} (fehlt)`,
  },
  adapters: {
    label: 'Adapter (LoRA)',
    scale: (name: string): string => `Stärke von ${name}`,
    remove: (name: string): string => `${name} entfernen`,
    toAdd: 'Adapter zum Hinzufügen',
    choose: 'Adapterdatei wählen',
    add: 'Adapter hinzufügen',
    hint: 'Stärke 1 entspricht dem Training. Beim Laden wird geprüft, ob ein Adapter passt.',
    forArchitecture: (architecture: string | null): string =>
      architecture === null ? 'für jedes Modell' : `für ${architecture}`,
  },
  fitRegion: 'Speicherbedarf',
  fit: { fits: 'Passt', tight: 'Eventuell knapp', too_big: 'Passt nicht', unknown: 'Unbekannt' },
  withContext: (tokens: number): string =>
    `Bei einer Kontextgröße von ${plural(tokens, { one: '# Token', other: '# Token' })}.`,
  numberRefused: 'Eine Zahl weiter oben ist nicht zulässig. Nach der Korrektur lässt sich speichern.',
  reset: 'Zurücksetzen',
  resetDone: (name: string): string => `Für ${name} gelten wieder die Standard-Ladeeinstellungen.`,
  save: 'Speichern',
  loadNow: 'Jetzt laden',
  reloadNow: 'Jetzt neu laden',
  saveAndLoad: 'Speichern und laden',
  saveAndReload: 'Speichern und neu laden',
  endsReplies: (count: number, chats: string): string => {
    const ends = plural(count, {
      one: 'Das Neuladen beendet die Antwort, die gerade geschrieben wird',
      other: 'Das Neuladen beendet die # Antworten, die gerade geschrieben werden',
    });
    return chats === '' ? `${ends}.` : `${ends}: ${chats}.`;
  },
  chatTitle: (title: string): string => `„${title}“`,
  reloadAnyway: 'Beenden und neu laden',
  keepWriting: 'Weiterschreiben lassen',
  nextLoad: 'Gilt ab dem nächsten Laden.',
  nextLoadStill: 'Das geladene Modell behält seine Einstellungen, bis es neu geladen wird.',
  running: {
    title: 'Zurzeit geladen',
    memory: 'Belegter Speicher',
    contextSize: 'Kontextgröße',
    gpuLayers: 'GPU-Schichten',
    threads: 'Threads',
    batch: 'Batchgröße',
    kvCache: 'Speichertyp (KV-Cache)',
    withFlash: (type: string): string => `${type}, Flash Attention`,
    slots: 'Parallele Plätze',
    loadTime: 'Ladezeit',
    notes: 'Hinweise zu diesem Laden',
  },
  speed: {
    title: 'Tempo auf diesem Computer',
    none: (isLoaded: boolean): string =>
      isLoaded
        ? 'Noch nicht gemessen. Ein kleines Modell wird gemessen, während es und dieser Computer nichts zu tun haben.'
        : 'Noch nicht gemessen. Das erste Laden probiert weniger als drei Sekunden lang einige Thread-Anzahlen aus und behält die schnellste; bei einem kleinen Modell geschieht das später, während es nichts zu tun hat.',
    found: (decode: string, decodeThreads: number, prompt: string, promptThreads: number, batch: number): string =>
      `Schreibt ${decode} mit ${plural(decodeThreads, { one: '# Thread', other: '# Threads' })} und liest ${prompt} mit ` +
      `${plural(promptThreads, { one: '# Thread', other: '# Threads' })}, jeweils ${plural(batch, { one: '# Token', other: '# Token' })} auf einmal.`,
    measured: (when: string, took: string): string => `Messung: ${when}, Dauer ${took}.`,
    tried: 'Was ausprobiert wurde',
    measuring: 'Messung läuft; sie dauert weniger als drei Sekunden',
    measureNow: 'Jetzt messen',
    measureAgain: 'Erneut messen',
    mustBeLoaded: 'Zum Messen muss das Modell geladen sein.',
    takes: 'Das dauert weniger als drei Sekunden.',
    notWhileBusy: 'Nicht, während das Modell beschäftigt ist.',
    columns: { phase: 'Phase', threads: 'Threads', batch: 'Batchgröße', speed: 'Tempo' },
    writing: 'Schreiben',
    reading: 'Lesen',
    chosen: (phase: string): string => `${phase} (gewählt)`,
  },
};
