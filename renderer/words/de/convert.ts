/** Converting checkpoints to GGUF, and quantizing models. */
import { VERIFIED_TOKENS } from '../../../preload/contract/convert-limits.ts';
import type { OutputPurpose, Verification } from '../../../preload/contract/convert.ts';
import type { ConversionPhase } from '../../../preload/contract/jobs.ts';
import type { convert as english } from '../en/convert.ts';
import { formatInteger, plural } from '../format.ts';

const purposes: Record<OutputPurpose, string> = {
  as_source: 'Jeder Wert wie in der Quelle. Der beste Ausgangspunkt für späteres Quantisieren.',
  larger_than_source: 'Größer als die Quelle und nicht besser. Für Programme, die diesen Typ brauchen.',
  half_precision: 'Halbe Genauigkeit: dieselben Antworten bei halber Größe von F32.',
  nearly_exact: 'Fast kein Verlust. Eine gute Wahl, wenn reichlich Arbeitsspeicher da ist.',
  very_close: 'Sehr nah am Original.',
  close: 'Nah am Original.',
  balanced: 'Der übliche Mittelweg zwischen Qualität und Größe.',
  small: 'Klein, mit etwas Qualitätsverlust.',
  smaller: 'Kleiner, mit merklich schlechteren Antworten.',
  smallest: 'Nur für ein großes Modell, das anders nicht passt.',
};

/** The names of the steps of a conversion, as a list of steps shows them. */
const steps: Record<ConversionPhase, string> = {
  checking: 'Kontrollieren',
  downloading: 'Herunterladen',
  converting: 'Konvertieren',
  imatrix: 'Wichtigkeitsmatrix',
  quantizing: 'Quantisieren',
  measuring: 'Messen',
  copying: 'Schreiben',
  verifying: 'Prüfen',
};

/** The kinds of tokenizers by their names in GGUF. */
const tokenizerKinds: Readonly<Record<string, string>> = {
  gpt2: 'Byte-Level-BPE',
  llama: 'SentencePiece',
  t5: 'Unigram',
  bert: 'WordPiece',
};

export const convert: typeof english = {
  steps,
  purposes,
  /** The act, on buttons that open the sheet. */
  convert: 'Konvertieren',
  convertMore: 'Konvertieren…',
  convertNamed: (name: string): string => `${name} konvertieren`,
  convertTo: (type: string): string => `In ${type} konvertieren`,
  quantizeMore: 'Quantisieren…',
  quantizeNamed: (name: string): string => `${name} quantisieren`,
  startAs: (type: string): string => `In ${type} konvertieren`,
  quantizeTo: (type: string): string => `In ${type} quantisieren`,
  started: (name: string): string => `${name} wird konvertiert`,
  quantizeStarted: (name: string): string => `${name} wird quantisiert`,
  startedText: 'Der Fortschritt steht unter Downloads.',
  safetensors: 'safetensors',
  folder: 'Ordner konvertieren…',
  folderTitle: 'Ordner konvertieren',
  folderText: 'Den Ordner mit config.json, dem Tokenizer und den safetensors-Dateien wählen.',
  folderUse: 'In diesem Ordner nachsehen',
  folderKeywords: ['safetensors', 'checkpoint', 'gguf', 'importieren'],
  checkpoints: 'Originalgewichte (safetensors)',
  checkpointsText: 'Nach der Konvertierung in GGUF kann Hearth sie ausführen.',
  checking: 'config.json, der Tokenizer und die Header der Gewichte werden gelesen.',
  canConvert: 'Kann konvertiert werden',
  cannotConvert: 'Kann noch nicht konvertiert werden',
  damaged: 'Mit den Dateien stimmt etwas nicht',
  refusals: 'Warum keine Konvertierung möglich ist',
  readNow: (size: string, requests: number): string =>
    `Anhand von ${size} aus dem Repository geprüft, mit ${plural(requests, { one: '# Anfrage', other: '# Anfragen' })}.`,
  facts: {
    modelClass: 'Modellklasse',
    architecture: 'Architektur',
    tokenizer: 'Tokenizer',
    dtypes: 'Datentyp',
    quantizedBy: 'Vom Hersteller quantisiert',
    source: 'Originalgewichte',
    parameters: 'Parameter',
    context: 'Kontextgröße',
    chatTemplate: 'Chat-Template',
    license: 'Lizenz',
  },
  tokenizer: (model: string, pre: string | null, size: number | null): string =>
    [
      `${tokenizerKinds[model] ?? model}${pre === null || pre === 'default' ? '' : `, teilt Texte wie ${pre}`}`,
      ...(size === null ? [] : [`Vokabular mit ${plural(size, { one: '# Token', other: '# Token' })}`]),
    ].join(', '),
  hasTemplate: 'Ja',
  noTemplate: 'Keines: Das Modell setzt Texte fort',
  unpacked: (format: string): string => `${format}, wird dabei entpackt`,
  sourceHere: (size: string): string => `${size}, auf diesem Computer`,
  sourcePartly: (size: string, stored: string): string => `${size}, davon ${stored} auf diesem Computer`,
  sourceRemote: (size: string): string => `${size} herunterzuladen`,
  output: 'Ausgabe',
  outputs: 'Mögliche Ausgaben',
  columns: {
    type: 'Typ',
    size: 'Größe',
    memory: 'Arbeitsspeicher',
    speed: 'Voraussichtliche Geschwindigkeit',
    act: 'Konvertieren',
  },
  recommended: 'Empfohlen',
  moreTypes: (count: number): string => plural(count, { one: '# weiterer Typ', other: '# weitere Typen' }),
  otherTypes: (count: number): string => plural(count, { one: '# anderer Typ', other: '# andere Typen' }),
  fallsBack: (types: string, count: number): string =>
    `Die Zeilen dieses Modells sind zu kurz für ${types}: Die meisten Tensoren erhalten stattdessen einen größeren Typ, daher ${count === 1 ? 'bringt dieser Typ' : 'bringen diese Typen'} wenig.`,
  speedNotes: {
    estimated:
      'Die Geschwindigkeiten sind anhand des Arbeitsspeichers dieses Computers geschätzt; hier wurde noch kein Modell gemessen.',
    on_gpu: 'Für eine GPU gibt es keine Vorhersage der Geschwindigkeit. „Qualität vergleichen“ misst sie.',
    small:
      'Keine Vorhersage der Geschwindigkeit: Ein so kleines Modell ist schneller als der Arbeitsspeicher dieses Computers.',
    not_measured:
      'Noch keine Vorhersage der Geschwindigkeit: Der Arbeitsspeicher dieses Computers wird gemessen, sobald nichts anderes läuft.',
  },
  needsMatrix: 'Braucht eine Wichtigkeitsmatrix.',
  helpsMatrix: 'Besser mit einer Wichtigkeitsmatrix.',
  options: 'Optionen',
  correctOption: (name: string): string => `„${name}“ in den Optionen korrigieren.`,
  keepSource: 'Originalgewichte behalten',
  keepSourceOn: (size: string): string =>
    `Sie werden ebenfalls im Modellordner gespeichert und belegen dort ${size}. Eine weitere Ausgabe braucht dann keinen Download.`,
  keepSourceOff: 'Sie werden schon beim Herunterladen konvertiert und nicht gespeichert.',
  keepSourceHere: 'Sie sind bereits auf diesem Computer und bleiben dort.',
  matrix: 'Wichtigkeitsmatrix',
  matrixText:
    'Gibt an, welche Gewichte am wichtigsten sind, gemessen an einem Text. Damit geht beim Quantisieren weniger verloren, vor allem unter 4 Bit.',
  matrixUseless: (type: string): string => `${type} behandelt alle Gewichte gleich: Eine Matrix würde nichts ändern.`,
  matrixRequired: (type: string): string => `${type} braucht eine.`,
  matrixNone: 'Keine',
  matrixNoneText: 'Alle Gewichte werden gleich quantisiert.',
  matrixDefault: 'Aus dem mitgelieferten Text',
  matrixDefaultText: 'Prosa, Dialoge und Code in mehreren Sprachen. Dauert bei einem großen Modell einige Minuten.',
  matrixOwn: 'Aus einem eigenen Text',
  matrixOwnText: 'Text von der Art, die das Modell schreiben und lesen wird.',
  matrixFile: 'Eine auf diesem Computer',
  matrixFileText: 'Eine Wichtigkeitsmatrix aus der Liste der Modelle.',
  matrixChoice: 'Matrix',
  matrixFileNeeded: 'Eine Wichtigkeitsmatrix wählen.',
  ownText: 'Eigener Text',
  ownTextHint: 'Einige Seiten genügen; mehr dauert länger und ist etwas besser.',
  ownTextEmpty: 'Einen Text einfügen oder eine Datei wählen.',
  ownTextTooLong: (limit: number): string => `Ein Text hat höchstens ${formatInteger(limit)} Zeichen.`,
  textFile: 'Textdatei wählen…',
  textFileInput: 'Textdatei',
  clearText: 'Leeren',
  characters: (count: number): string => plural(count, { one: '# Zeichen', other: '# Zeichen' }),
  mixture: 'Typen der Tensoren',
  pure: 'Ein Typ für alle Tensoren',
  pureText: 'Ohne die Mischung, in der empfindlichere Tensoren mehr Bits erhalten. Kleiner und schlechter.',
  pureAlready: (type: string): string => `${type} ist ein einheitlicher Typ für alle Tensoren, die ihn haben können.`,
  outputTensor: 'Ausgabetensor',
  embeddingTensor: 'Token-Embeddings',
  asMixture: 'Wie bei diesem Typ üblich',
  byPattern: 'Typen nach Namen',
  byPatternText:
    'Ein regulärer Ausdruck für Namen von Tensoren, etwa attn_v oder ^blk.0. Die erste passende Regel gilt.',
  pattern: 'Passende Namen',
  patternWrong: 'Das ist kein regulärer Ausdruck.',
  patternEmpty: 'Eine Regel in den Optionen ist leer: einen regulären Ausdruck eingeben oder die Regel entfernen.',
  patternType: 'Typ',
  addPattern: 'Regel hinzufügen',
  removePattern: (pattern: string): string =>
    pattern === '' ? 'Leere Regel entfernen' : `Regel für ${pattern} entfernen`,
  prune: 'Schichten weglassen',
  pruneHint: (layers: number | null): string =>
    layers === null
      ? 'Nummern und Bereiche, etwa 20-23, ab 0 gezählt. Leer behält alle.'
      : `Nummern und Bereiche von 0 bis ${formatInteger(layers - 1)}, etwa ${pruneExample(layers)}. Leer behält alle.`,
  pruneWrong: (layers: number | null): string =>
    `Nummern und Bereiche angeben, etwa ${layers === null ? '20-23' : pruneExample(layers)}.`,
  pruneOutside: (layers: number): string => `Das Modell hat die Schichten 0 bis ${formatInteger(layers - 1)}.`,
  pruneAll: 'Mindestens eine Schicht bleibt.',
  pruneWarning: (count: number): string =>
    `${plural(count, { one: 'Das Modell verliert # Schicht', other: 'Das Modell verliert # Schichten' })} und ist nicht mehr das trainierte: Es wird kleiner und schneller, seine Antworten werden schlechter und sind oft unbrauchbar. „Qualität vergleichen“ misst, wie viel verloren geht.`,
  pruned: (count: number): string => plural(count, { one: '# Schicht weggelassen', other: '# Schichten weggelassen' }),
  prunedText: (count: number): string =>
    `${plural(count, { one: '# Schicht wurde weggelassen.', other: '# Schichten wurden weggelassen.' })} Dies ist nicht mehr das trainierte Modell: Seine Antworten sind schlechter und oft unbrauchbar.`,
  prunedAlone:
    'Der Verlust wird am vollständigen Modell gemessen, das nicht auf diesem Computer ist: noch einmal mit allen Schichten konvertieren.',
  measureLoss: 'Verlust messen…',
  measureLossAgain: 'Erneut messen…',
  requantize: (from: string): string => `Erneut quantisieren, obwohl es bereits ${from} ist`,
  requantizeText: (from: string): string =>
    `${from} hat schon etwas Qualität verloren; eine zweite Quantisierung verliert mehr, als das Original einmal zu quantisieren. Besser die Originalgewichte konvertieren, wenn sie verfügbar sind.`,
  requantizeNeeded: 'Das Modell ist bereits quantisiert. Für erneutes Quantisieren die Option darüber einschalten.',
  writes: (size: string): string => `Schreibt etwa ${size}.`,
  downloadsAndWrites: (download: string, size: string): string =>
    `Lädt ${download} herunter und schreibt etwa ${size}.`,
  writesExactly: (size: string): string => `Schreibt ${size}.`,
  quantized: 'quantisiert',
  noOutputs: 'Keine Auswahl: Dieses Modell kann nicht quantisiert werden.',
  tools: 'Werkzeuge',
  toolsThis: 'Werkzeuge für dieses Modell',
  quantizeHint: 'Eine kleinere Datei daraus machen',
  compareHint: 'Messen, was eine Quantisierung an Qualität kostet',
  verifyStarted: (name: string): string => `${name} wird geprüft`,
  verify: 'Prüfen',
  verifyHint: 'Modell laden, Tokenizer mit dem Original vergleichen, 16 Token erzeugen',
  verification: 'Prüfung',
  notVerified: 'Noch nicht geprüft',
  verified: 'Geprüft',
  verificationFailed: 'Prüfung fehlgeschlagen',
  failedHelp:
    'Auf die Antworten ist kein Verlass. Die Originalgewichte neu konvertieren; geschieht dann dasselbe, in einen anderen Typ.',
  convertAgain: 'Neu konvertieren…',
  firstDifference: 'Der erste abweichende Text',
  expectedIds: 'Original',
  foundIds: 'Diese Datei',
  found,
  madeFrom: (name: string, commit: string | null, version: string): string =>
    `Von Hearth ${version} aus ${name}${commit === null ? '' : `, Commit ${commit},`} erstellt.`,
  compare: 'Qualität vergleichen…',
  progress: {
    chunk: (index: number, count: number): string =>
      `Abschnitt ${formatInteger(index)} von ${formatInteger(count)} des Textes`,
    counted: (index: number, count: number): string => `${formatInteger(index)} von ${formatInteger(count)}`,
  },
  stepList: 'Schritte',
  stepDone: 'fertig',
  stepNow: 'läuft',
  stepLater: 'später',
};

/** What a verification found, in one or two sentences. */
function found({ tokenizer, generated }: Pick<Verification, 'tokenizer' | 'generated'>): string {
  const compared =
    tokenizer === null
      ? 'Der Tokenizer konnte nicht verglichen werden: Der Original-Tokenizer ist nicht zur Hand.'
      : tokenizer.mismatchCount === 0
        ? plural(tokenizer.textCount, {
            one: 'Der Tokenizer zerlegt # Text wie der Original-Tokenizer.',
            other: 'Der Tokenizer zerlegt # Texte wie der Original-Tokenizer.',
          })
        : `Der Tokenizer zerlegt ${formatInteger(tokenizer.mismatchCount)} von ${plural(tokenizer.textCount, { one: '# Text', other: '# Texten' })} anders als der Original-Tokenizer.`;
  if (generated === null) return compared;
  const { tokenCount } = generated;
  const written = plural(tokenCount, { one: 'Das Modell schrieb # Token', other: 'Das Modell schrieb # Token' });
  return `${compared} ${written}${tokenCount >= VERIFIED_TOKENS ? ', so viele wie verlangt.' : ' und beendete dann seine Antwort.'}`;
}

/** The last eighth of the layers but one: what is usually left out first. */
function pruneExample(layers: number): string {
  const last = Math.max(0, layers - 2);
  const first = Math.max(0, last - Math.max(0, Math.floor(layers / 8) - 1));
  return first === last ? String(first) : `${first}-${last}`;
}
