/** Why a checkpoint cannot be converted, a model not quantized, or a tokenizer not used: by the reasons that main gives. */
import type { ErrorData } from '../../../preload/wire/errors.ts';
import type { convertErrors as english } from '../en/convert-errors.ts';
import { formatDuration, formatInteger, plural } from '../format.ts';
import { isNumber, text, type ErrorText, type ReasonWords } from './error-facts.ts';

/** The file that it is about, as the beginning of a sentence. */
const file = (facts: ErrorData, otherwise: string): string => text(facts['file'], otherwise);

/** ` in FILE`, or nothing where main names no file. */
const inFile = (facts: ErrorData): string =>
  typeof facts['file'] === 'string' && facts['file'] !== '' ? ` in ${facts['file']}` : '';

/** The beginning of a sentence on a header. */
const header = (facts: ErrorData): string =>
  typeof facts['file'] === 'string' && facts['file'] !== ''
    ? `Der Header von ${facts['file']}`
    : 'Der Header einer Datei';

const tensor = (facts: ErrorData): string => `Der Tensor ${text(facts['tensor'], 'einer Schicht')}`;

/** A figure or a text among the facts; `otherwise` where main gives neither. */
const fact = (value: unknown, otherwise: string): string =>
  isNumber(value) ? formatInteger(value) : text(value, otherwise);

/** The same after a noun that only fits where main gives something: `den Typ F16`, or `otherwise`. */
const named = (noun: string, value: unknown, otherwise: string): string => {
  const found = fact(value, '');
  return found === '' ? otherwise : `${noun} ${found}`;
};

/** `: WHAT`, or nothing where main does not say what. */
const colon = (value: unknown): string => {
  const found = fact(value, '');
  return found === '' ? '' : `: ${found}`;
};

/** Where several tensors are wrong, how many more; the details have them all. */
const others = ({ count }: ErrorData): string =>
  isNumber(count) && count > 1
    ? ` ${plural(count - 1, { one: '# weiterer Tensor ist falsch.', other: '# weitere Tensoren sind falsch.' })}`
    : '';

/** What helps with damaged or incomplete files: of a folder another copy, of a repository another one. */
const again = ({ inRepository }: ErrorData): string =>
  inRepository === true
    ? 'Der Fehler liegt im Repository selbst: eine andere Version des Modells suchen.'
    : 'Das Modell neu herunterladen oder eine andere Kopie verwenden.';

/** What helps where a file is missing: `inFolder` for a folder. */
const elsewhere = ({ inRepository }: ErrorData, inFolder: string): string =>
  inRepository === true ? 'Eine andere Version des Modells suchen.' : inFolder;

const unsupported: Readonly<Record<string, ErrorText | ReasonWords>> = {
  architecture: ({ found, architecture }) =>
    `Hearth kann ${named('die Architektur', found ?? architecture, 'seine Architektur')} noch nicht konvertieren. Nach einer GGUF-Version oder einem neueren Hearth suchen.`,
  feature: ({ found }) =>
    `config.json verlangt etwas, das Hearth noch nicht konvertieren kann${colon(found)}. Eine GGUF-Version suchen.`,
  tokenizer:
    'llama.cpp hat keinen Tokenizer, der Texte so zerlegt wie dieser, und ein falscher würde jede Antwort verderben. Nach einer GGUF-Version oder einem neueren Hearth suchen.',
  tokenizer_format: (facts) =>
    `Der Tokenizer liegt nur im Format ${fact(facts['found'], 'eines anderen Programms')} vor, das Hearth nicht liest: tokenizer.json wird benötigt. ${elsewhere(facts, 'Die Datei aus einer Version des Modells für transformers ergänzen.')}`,
  pre_tokenizer:
    'Der Tokenizer teilt Texte auf eine Weise, die llama.cpp nicht kennt. Hearth rät nicht, denn eine falsche Aufteilung verdirbt jede Antwort. Nach einem neueren Hearth suchen.',
  quantization: ({ found }) =>
    `Die Gewichte sind in einem Format quantisiert, das Hearth nicht entpacken kann${colon(found)}. Das Originalmodell oder eine Version in FP8, GPTQ, AWQ oder compressed-tensors verwenden.`,
  layout: (facts) =>
    `Die Gewichte${inFile(facts)} sind auf eine Weise gepackt, die Hearth nicht entpacken kann. Das Originalmodell oder eine andere Version davon verwenden.`,
  pooling: ({ found }) =>
    `Das Modell fasst die Vektoren eines Textes auf eine Weise zusammen, die llama.cpp nicht kennt${typeof found === 'string' ? ` (${found})` : ''}. Ein anderes Embedding-Modell suchen.`,
  pytorch_weights:
    'Die Gewichte sind ein PyTorch-Pickle, das beim Öffnen Programme ausführen kann. Eine Version mit safetensors-Dateien wird benötigt.',
  consolidated_weights:
    'Die Gewichte tragen die Namen der Programme von Mistral. Eine Version mit model.safetensors wird benötigt.',
  adapter: 'Dies ist ein Adapter ohne sein Basismodell. Das Basismodell konvertieren und den Adapter zusätzlich.',
  adapter_kind: ({ found }) =>
    `Dieser Adapter braucht etwas, das Hearth nicht konvertieren kann${colon(found)}. Einfache LoRA-Adapter funktionieren.`,
  row_too_long: (facts) =>
    `${tensor(facts)} hat längere Zeilen als irgendein Modell${isNumber(facts['found']) ? ` (${formatInteger(facts['found'])} Werte)` : ''}.`,
  dtype: (facts) =>
    `${tensor(facts)} hat Werte ${named('vom Typ', facts['found'], 'eines unbekannten Typs')}; Hearth kann sie nicht lesen.`,
  tensor_type: ({ type }) =>
    `${named('Den Typ', type, 'Einen Typ mit diesem Namen')} gibt es nicht. Einen anderen wählen.`,
  pattern: ({ pattern }) =>
    `${fact(pattern, 'Das Muster')} ist kein regulärer Ausdruck für Namen von Tensoren. Das Muster lässt sich in den Optionen ändern.`,
  pattern_unmatched: ({ pattern }) =>
    `${fact(pattern, 'Das Muster')} kommt in keinem Tensornamen dieses Modells vor. Das Muster lässt sich in den Optionen ändern.`,
  requantize: {
    title: 'Dieses Modell ist bereits quantisiert',
    text: ({ from }) =>
      `Einige seiner Tensoren sind ${named('vom Typ', from, 'quantisiert')}. Erneutes Quantisieren verliert mehr, als das Original einmal zu quantisieren. Das Original verwenden oder es in den Optionen erlauben.`,
  },
  imatrix_needed: {
    title: 'Eine Wichtigkeitsmatrix wird benötigt',
    text: ({ type }) =>
      `${fact(type, 'Dieser Typ')} ist ohne sie unbrauchbar. Eine Wichtigkeitsmatrix in den Optionen wählen.`,
  },
  imatrix_mismatch: {
    title: 'Die Wichtigkeitsmatrix passt nicht',
    text: 'Sie gehört zu einem anderen Modell. Eine andere wählen oder Hearth eine aus einem Text erstellen lassen.',
  },
  prune_layers: {
    title: 'Diese Schichten können nicht weggelassen werden',
    text: ({ layerCount, key }) =>
      isNumber(layerCount)
        ? `Das Modell hat die Schichten 0 bis ${formatInteger(layerCount - 1)}, und mindestens eine davon bleibt.`
        : `Schichten dieses Modells können nicht weggelassen werden${typeof key === 'string' ? `, weil ${key} für jede von ihnen einen Wert hat` : ''}.`,
  },
  reference: {
    title: 'Diese Modelle können nicht verglichen werden',
    text: 'Ihre Vokabulare oder ihre Texte unterscheiden sich. Modelle mit derselben Basis wählen.',
  },
  text_short: {
    title: 'Der Text ist zu kurz',
    text: ({ tokenCount, neededTokens }) =>
      isNumber(tokenCount) && isNumber(neededTokens)
        ? `Er hat für dieses Modell ${plural(tokenCount, { one: '# Token', other: '# Token' })}; ${formatInteger(neededTokens)} werden benötigt. Einige Seiten genügen.`
        : 'Er hat zu wenige Token für eine Messung. Einige Seiten genügen.',
  },
  no_decoder: {
    title: 'Dieses Modell setzt keine Texte fort',
    text: 'Nur Modelle, die Text schreiben, können gemessen werden.',
  },
  imatrix_inputs: {
    title: 'Eine Wichtigkeitsmatrix kann nicht erstellt werden',
    text: 'Dieses Modell gibt seine Werte auf eine Weise weiter, die Hearth nicht lesen kann. Ohne Matrix quantisieren.',
  },
  alignment: 'Die Tensoren dieser Datei sind so ausgerichtet, dass llama.cpp sie nicht quantisieren kann.',
  library: {
    title: 'llama.cpp konnte dieses Modell nicht quantisieren',
    text: 'Die Antwort von llama.cpp steht in den Details.',
  },
};

const invalid: Readonly<Record<string, ErrorText | ReasonWords>> = {
  no_config: (facts) =>
    `${text(facts['file'], 'config.json')} fehlt; darin steht, um welches Modell es sich handelt. ${elsewhere(facts, 'Den Ordner wählen, der die Datei enthält.')}`,
  no_weights: (facts) =>
    `Eine safetensors-Datei fehlt. ${elsewhere(facts, 'Den Ordner wählen, der die Gewichte enthält.')}`,
  missing_tokenizer: (facts) =>
    `Der Tokenizer fehlt: tokenizer.json oder tokenizer.model wird benötigt. ${elsewhere(facts, 'Die Datei aus dem Repository des Modells ergänzen.')}`,
  config: (facts) =>
    `config.json hat für ${fact(facts['key'], 'eine Einstellung')} ${named('den Wert', facts['found'], 'keinen Wert')}. Erwartet wird: ${fact(facts['expected'], 'ein anderer Wert')}.`,
  vocabulary: ({ expected, found }) =>
    isNumber(expected) && isNumber(found)
      ? `Der Tokenizer hat ${plural(found, { one: '# Token', other: '# Token' })}, die Gewichte haben ${formatInteger(expected)}. Sie gehören nicht zusammen.`
      : 'Der Tokenizer gehört nicht zu diesen Gewichten.',
  several_models: ({ found }) =>
    `Mehrere Sätze von Gewichten sind vorhanden, und keiner heißt „model“: ${fact(found, 'siehe Details')}. Nur einen davon in einem eigenen Ordner behalten.`,
  shard_missing: (facts) => `${file(facts, 'Eine Datei der Gewichte')} fehlt. ${again(facts)}`,
  bad_index: (facts) => `${file(facts, 'Der Index der Gewichte')} gibt nicht an, wo die Tensoren sind. ${again(facts)}`,
  index_mismatch: (facts) =>
    `${tensor(facts)} ist nicht in ${file(facts, 'der Datei')}, obwohl der Index es so angibt. Die Dateien gehören zu verschiedenen Versionen. ${again(facts)}`,
  missing_tensor: (facts) =>
    `${tensor(facts)} fehlt. Die Gewichte sind unvollständig, oder config.json gehört zu einem anderen Modell.${others(facts)}`,
  unexpected_tensor: (facts) =>
    `${tensor(facts)} hat in dieser Architektur keinen Platz. config.json gehört vielleicht zu einem anderen Modell.${others(facts)}`,
  duplicate_tensor: (facts) =>
    `${tensor(facts)} ist zweimal vorhanden. Eine der beiden Dateien entfernen.${others(facts)}`,
  wrong_shape: (facts) =>
    `${tensor(facts)} hat ${named('die Form', facts['found'], 'eine abweichende Form')}; aus config.json folgt ${fact(facts['expected'], 'eine andere')}. Sie gehören nicht zusammen.${others(facts)}`,
  shape_mismatch: (facts) =>
    `${tensor(facts)} hat ${named('die Form', facts['found'], 'eine abweichende Form')}; aus den zugehörigen Tensoren folgt ${fact(facts['expected'], 'eine andere')}.`,
  wrong_dtype: (facts) =>
    `${tensor(facts)} ist ${named('als', facts['found'], 'in einem anderen Typ')} gespeichert. Erwartet wird: ${fact(facts['expected'], 'ein Zahlentyp')}.${others(facts)}`,
  dtype: (facts) =>
    `${tensor(facts)} hat Werte ${named('vom Typ', facts['found'], 'eines unbekannten Typs')}. Erwartet wird: ${fact(facts['expected'], 'ein anderer Typ')}.`,
  quantization: (facts) => `config.json gibt nicht an, wie ${text(facts['tensor'], 'ein Tensor')} quantisiert ist.`,
  group_index: (facts) =>
    `${tensor(facts)} nennt ${named('die Gruppe', facts['found'], 'eine Gruppe, die es nicht gibt')}. Vorhanden: ${fact(facts['expected'], 'andere Gruppen')}.`,
  not_finite: (facts) =>
    `${tensor(facts)} hat Werte, die keine Zahlen (NaN) oder unendlich sind. Das Training dieses Modells ist fehlgeschlagen, oder die Datei ist beschädigt.${others(facts)}`,
  cut_short: (facts) => `${file(facts, 'Eine Datei')} endet zu früh. ${again(facts)}`,
  size_mismatch: (facts) =>
    `${tensor(facts)}${inFile(facts)} hat nicht so viele Bytes, wie seine Form verlangt. Die Datei ist beschädigt. ${again(facts)}`,
  bad_offsets: (facts) =>
    `${tensor(facts)}${inFile(facts)} liegt an einer unmöglichen Stelle. Die Datei ist beschädigt. ${again(facts)}`,
  bad_shape: (facts) =>
    `${tensor(facts)}${inFile(facts)} hat eine unmögliche Form. Die Datei ist beschädigt. ${again(facts)}`,
  overlap: (facts) => `Tensoren${inFile(facts)} überlappen sich. Die Datei ist beschädigt. ${again(facts)}`,
  gap: (facts) =>
    `Zwischen den Tensoren${inFile(facts)} liegen Bytes, die zu keinem gehören. Die Datei ist beschädigt. ${again(facts)}`,
  trailing_bytes: (facts) =>
    `Nach dem letzten Tensor${inFile(facts)} folgen Bytes, die zu keinem gehören. Die Datei ist beschädigt. ${again(facts)}`,
  lfs_pointer: (facts) =>
    `${file(facts, 'Eine Datei')} ist nur ein Verweis von Git LFS, ohne den Inhalt. ${facts['inRepository'] === true ? again(facts) : 'Im Ordner „git lfs pull“ ausführen oder das Modell neu herunterladen.'}`,
  not_safetensors: (facts) => `${file(facts, 'Eine Datei')} ist keine safetensors-Datei. ${again(facts)}`,
  header_not_json: (facts) => `${header(facts)} ist beschädigt. ${again(facts)}`,
  header_past_end: (facts) => `${header(facts)} ist laut Angabe länger als die Datei. ${again(facts)}`,
  header_too_long: (facts) => `${header(facts)} ist länger, als irgendein Modell es braucht.`,
  field_missing: (facts) => `${header(facts)} enthält einen unvollständigen Eintrag für einen Tensor. ${again(facts)}`,
  unknown_field: (facts) => `${header(facts)} enthält etwas, das in safetensors-Dateien nicht vorkommt.`,
  name_too_long: (facts) => `${header(facts)} enthält einen Namen, der länger ist, als irgendein Modell es braucht.`,
  name_taken: (facts) => `${header(facts)} enthält einen Namen zweimal. ${again(facts)}`,
  too_many_tensors: ({ expected }) =>
    `Der Checkpoint hat mehr Tensoren als irgendein Modell${isNumber(expected) ? ` (über ${formatInteger(expected)})` : ''}.`,
  too_much_metadata: (facts) => `${header(facts)} enthält mehr Metadaten, als irgendein Modell braucht.`,
  too_many_files: ({ expected }) =>
    `Mehr Dateien sind vorhanden, als irgendein Modell hat${isNumber(expected) ? ` (über ${formatInteger(expected)})` : ''}. Den Ordner des Modells selbst wählen.`,
  file_too_large: (facts) => `${file(facts, 'Eine Datei')} ist größer, als irgendein Modell es braucht.`,
  not_text: (facts) => `${file(facts, 'Eine Datei')} ist kein Text. ${again(facts)}`,
  verification: ({ detail }) =>
    `Die Datei wurde ausprobiert, und das schlug fehl: ${text(detail, 'Sie antwortet nicht.')}`,
  not_json: (facts) => `${file(facts, 'Eine Datei')} ist kein JSON. ${again(facts)}`,
  changed: (facts) =>
    `${file(facts, 'Eine Datei')} wurde während des Lesens geändert. Warten, bis nichts mehr hineinschreibt, dann erneut versuchen.`,
  imatrix_format: {
    title: 'Dies ist keine Wichtigkeitsmatrix',
    text: 'Die Datei ist nicht als Wichtigkeitsmatrix lesbar. Hearth liest solche im GGUF-Format, wie llama-imatrix sie heute schreibt.',
  },
  imatrix_mismatch: {
    title: 'Die Wichtigkeitsmatrix passt nicht',
    text: 'Sie gehört zu einem anderen Modell. Eine andere wählen oder Hearth eine aus einem Text erstellen lassen.',
  },
  overflow: (facts) =>
    `${tensor(facts)} hat Werte, die für ${fact(facts['expected'], 'F16')} zu groß sind. BF16 oder F32 wählen.${others(facts)}`,
  vector: {
    title: 'Das Modell liefert keine brauchbaren Vektoren',
    text: 'Der Vektor eines Textes enthält Werte, die keine Zahlen sind. Vielleicht ist die Datei beschädigt.',
  },
  size_differs:
    'Die Ausgabe hat eine andere Größe als geplant und wurde daher verworfen. Ein neuer Versuch hilft vielleicht.',
  library: {
    title: 'llama.cpp kann dieses Modell nicht lesen',
    text: 'Der Header ist nicht lesbar. Das Modell neu herunterladen oder neu konvertieren.',
  },
};

const tokenizer: Readonly<Record<string, ErrorText | ReasonWords>> = {
  missing: {
    title: 'Kein Tokenizer vorhanden',
    text: 'Das Repository hat keine tokenizer.json. Das Repository des Modells selbst oder ein Modell auf diesem Computer wählen.',
  },
  unknown: 'tokenizer.json verlangt etwas, das Hearth nicht kennt. Was es ist, steht in den Details.',
  too_slow: ({ limitMs }) =>
    `Der Tokenizer wurde nicht${isNumber(limitMs) ? ` innerhalb von ${formatDuration(limitMs)}` : ''} fertig. Einen kürzeren Text versuchen.`,
  ended: 'Der Tokenizer scheiterte an diesem Text. Der Grund steht in den Details.',
  memory:
    'Der Tokenizer braucht mehr Arbeitsspeicher, als er belegen darf. Die Datei ist beschädigt oder soll Schaden anrichten.',
  growth: (facts) =>
    `${file(facts, 'tokenizer.json')} verlängert einen Text auf ein Vielfaches, was kein Tokenizer braucht.`,
  no_such_id: {
    title: 'Dieses Token gibt es nicht',
    text: ({ id, vocabularySize }) =>
      isNumber(id) && isNumber(vocabularySize)
        ? `Kein Token hat die ID ${String(id)}. Das Vokabular hat ${plural(vocabularySize, { one: '# Token', other: '# Token' })}.`
        : 'Zu einer dieser IDs gibt es kein Token.',
  },
  json: (facts) => `${file(facts, 'tokenizer.json')} ist kein JSON. ${again(facts)}`,
  encoding: (facts) => `${file(facts, 'tokenizer.json')} enthält Text, der kein Unicode ist. ${again(facts)}`,
  too_large: (facts) => `${file(facts, 'tokenizer.json')} ist größer, als irgendein Tokenizer es braucht.`,
  too_many: (facts) => `${file(facts, 'tokenizer.json')} hat mehr Einträge, als irgendein Tokenizer braucht.`,
  truncated: (facts) => `${file(facts, 'tokenizer.model')} endet zu früh. ${again(facts)}`,
  format: (facts) => `${file(facts, 'tokenizer.model')} ist kein SentencePiece-Modell. ${again(facts)}`,
  model: (facts) => `${file(facts, 'tokenizer.json')} enthält kein Modell einer bekannten Art.`,
  vocab: (facts) => `Das Vokabular in ${file(facts, 'tokenizer.json')} ist beschädigt. ${again(facts)}`,
  merges: (facts) => `Die Merges in ${file(facts, 'tokenizer.json')} sind beschädigt. ${again(facts)}`,
  added_tokens: (facts) =>
    `Die zusätzlichen Token in ${file(facts, 'tokenizer.json')} sind beschädigt. ${again(facts)}`,
  token_id: (facts) => `${file(facts, 'tokenizer.json')} enthält unmögliche Token-IDs. ${again(facts)}`,
  token_length: (facts) => `${file(facts, 'tokenizer.json')} enthält ein Token, das länger ist als nötig.`,
  normalizer: (facts) => `Der Normalizer in ${file(facts, 'tokenizer.json')} ist beschädigt. ${again(facts)}`,
  pre_tokenizer: (facts) => `Der Pre-Tokenizer in ${file(facts, 'tokenizer.json')} ist beschädigt. ${again(facts)}`,
  post_processor: (facts) => `Der Post-Processor in ${file(facts, 'tokenizer.json')} ist beschädigt. ${again(facts)}`,
  decoder: (facts) => `Der Decoder in ${file(facts, 'tokenizer.json')} ist beschädigt. ${again(facts)}`,
  chat_template: (facts) => `Das Chat-Template in ${file(facts, 'tokenizer_config.json')} ist zu lang oder kein Text.`,
};

/** Without a reason that is known here, main's own sentence is more than none. */
export const convertErrors: typeof english = {
  'convert.unsupported': {
    title: 'Dieses Modell kann noch nicht konvertiert werden',
    text: ({ detail }) => text(detail, 'Hearth kennt sein Format nicht.'),
    reasons: unsupported,
  },
  'convert.invalid': {
    title: 'Dieser Checkpoint ist unvollständig oder beschädigt',
    text: ({ detail }) => text(detail, 'Eine seiner Dateien fehlt oder ist beschädigt.'),
    reasons: invalid,
  },
  'tokenizer.invalid': {
    title: 'Dieser Tokenizer kann nicht verwendet werden',
    text: ({ detail }) => text(detail, 'Eine seiner Dateien fehlt oder ist beschädigt.'),
    reasons: tokenizer,
  },
};
