/** Servers elsewhere: their list in the settings, and their models in the chat. */
import type {
  CapabilityAnswer,
  CheckStep,
  ProviderCapability,
  ProviderRow,
  ServerKind,
} from '../../../preload/contract/providers.ts';
import type { elsewhere as english } from '../en/elsewhere.ts';
import { formatDuration, formatInteger, plural } from '../format.ts';

const serverKinds: Readonly<Record<ServerKind, string>> = {
  'llama-server': 'llama-server',
  vllm: 'vLLM',
  sglang: 'SGLang',
  tgi: 'Text Generation Inference',
  ollama: 'Ollama',
  'lm-studio': 'LM Studio',
  hearth: 'Hearth',
  openai: 'OpenAI',
  unknown: 'OpenAI-kompatibler Server',
};

const samplerNames: Readonly<Record<string, string>> = {
  topK: 'Top-k',
  topP: 'Top-p',
  minP: 'Min-p',
  temperature: 'Temperatur',
  repeatPenalty: 'Wiederholungsstrafe',
  presencePenalty: 'Präsenzstrafe',
  frequencyPenalty: 'Häufigkeitsstrafe',
  penaltyTokens: 'Reichweite der Strafen',
  minTokens: 'Mindestzahl an Token',
  xtc: 'XTC',
  dry: 'DRY',
  seed: 'Seed',
};

const models = (count: number): string => plural(count, { one: '# Modell', other: '# Modelle' });

export const elsewhere: typeof english = {
  // In the chat.
  leaves: 'Verlässt diesen Computer',
  otherProgram: 'Anderes Programm hier',
  goesTo: (name: string, address: string): string =>
    `Was in diesem Chat geschrieben wird, geht an ${name} (${address}).`,
  group: (name: string, leaves: boolean): string =>
    leaves ? `${name} · verlässt diesen Computer` : `${name} · anderes Programm hier`,
  introduction: (model: string, server: string | null, leaves: boolean): string =>
    leaves
      ? `${model} läuft anderswo: Die Nachrichten werden an ${server ?? 'seinen Server'} gesendet.`
      : `${model} läuft in einem anderen Programm dieses Computers, ${server ?? 'seinem Server'}.`,
  isOff: (name: string): string => `Der Server von ${name} ist ausgeschaltet.`,
  off: (name: string): string => `${name} (aus)`,
  openSettings: 'Einstellungen öffnen',
  isGone: (name: string): string => `${name} wird vom Server nicht mehr angeboten.`,
  context: (tokens: number): string => `Kontextgröße ${formatInteger(tokens)}`,
  contextUnknown: 'Kontextgröße unbekannt',
  contextFull: 'Beendet, weil der Kontext voll ist.',
  unknown: 'Unbekannt',
  server: 'Server',
  address: 'Adresse',
  messages: 'Nachrichten',
  notReached: 'Nicht erreicht. Einstellungen öffnen',
  noModels: 'Keine Modelle. Einstellungen öffnen',
  moreModels: (count: number): string => plural(count, { one: '# weiteres Modell', other: '# weitere Modelle' }),
  abilities: {
    chat: 'Chat',
    vision: 'Bilder',
    audio: 'Audio',
    tools: 'Tools',
    reasoning: 'Reasoning',
    embeddings: 'Embeddings',
    tokenize: 'Tokenzählung',
  },
  uncounted: 'vom Server nicht gezählt',
  notTaken: 'Vom Server nicht angenommen',
  sampler: (name: string): string => samplerNames[name] ?? name,

  // In the settings.
  list: 'Server anderswo',
  loading: 'Server werden geladen',
  none: 'Noch keine Server',
  noneText:
    'Einen eigenen Server hinzufügen oder einen, bei dem ein Konto besteht. Vor dem Einschalten wird nichts dorthin gesendet.',
  offline: (variable: string): string =>
    `${variable} hält Hearth offline: Nur Server auf diesem Computer werden angefragt.`,
  add: 'Server hinzufügen…',
  use: (name: string): string => `${name} verwenden`,
  check: 'Prüfen',
  checkNamed: (name: string): string => `${name} prüfen`,
  stopCheck: 'Stoppen',
  edit: 'Bearbeiten…',
  editNamed: (name: string): string => `${name} bearbeiten`,
  remove: 'Entfernen',
  removeNamed: (name: string): string => `${name} entfernen`,
  removed: (name: string): string => `„${name}“ wurde entfernt`,
  removedText: 'Der zugehörige Schlüssel wurde mitgelöscht.',
  unencrypted: 'Unverschlüsselt',
  unencryptedHint: 'Die Adresse beginnt mit http://: Was gesendet wird, kann unterwegs mitgelesen werden.',
  states: {
    off: 'Aus',
    unasked: 'Noch nicht angefragt',
    asking: 'Modelle werden abgefragt',
    ready: models,
  },
  kind: (kind: ServerKind, version: string | null): string =>
    version === null ? serverKinds[kind] : `${serverKinds[kind]} ${version}`,
  models,
  modelsOf: (name: string): string => `Modelle von ${name}`,
  leftOut: (count: number): string =>
    plural(count, { one: '# weiteres Modell ist nicht aufgeführt', other: '# weitere Modelle sind nicht aufgeführt' }),
  keySaved: 'Schlüssel gespeichert',
  noKey: 'Kein Schlüssel',

  form: {
    addTitle: 'Server hinzufügen',
    editTitle: (name: string): string => `${name} bearbeiten`,
    text: 'Jeder Server, der das Protokoll von OpenAI spricht. Er bleibt aus, bis er eingeschaltet wird.',
    name: 'Name',
    namePlaceholder: 'GPU-Server',
    address: 'Adresse',
    addressHint: 'Mit http:// oder https://, wie in der Dokumentation des Servers. Oft endet sie auf /v1.',
    key: 'Schlüssel',
    keyHint:
      'Wird als „Authorization: Bearer“ gesendet. Verschlüsselt gespeichert, wo das System es erlaubt, und nie wieder angezeigt.',
    keyPlaceholder: 'Leer lassen, wenn keiner nötig ist',
    keyKept: 'Gespeichert. Zum Behalten leer lassen',
    forgetKey: 'Schlüssel verwerfen',
    otherHost:
      'Das ist ein anderer Host: Schlüssel und Header-Werte werden verworfen, wenn sie nicht erneut eingegeben werden.',
    headers: 'Weitere Header',
    headerName: (place: number): string => `Name von Header ${formatInteger(place)}`,
    headerValue: (place: number): string => `Wert von Header ${formatInteger(place)}`,
    headerNamePlaceholder: 'X-Team',
    headerValueKept: 'Gespeichert',
    addHeader: 'Header hinzufügen',
    removeHeader: (place: number): string => `Header ${formatInteger(place)} entfernen`,
    certificates: 'Zertifizierungsstelle',
    certificatesHint: 'Nur für Server, deren Zertifikat dieser Computer nicht kennt. Im PEM-Format.',
    certificatesKept: (count: number): string =>
      plural(count, { one: '# Zertifikat ist gespeichert.', other: '# Zertifikate sind gespeichert.' }),
    certificatesStay: 'Das Feld leer lassen, um das Gespeicherte zu behalten.',
    certificatesForgotten: 'Sie werden beim Speichern verworfen.',
    addCertificates: 'Zertifikate hinzufügen',
    replaceCertificates: 'Ersetzen',
    forgetCertificates: 'Verwerfen',
    keepCertificates: 'Behalten',
    saved: (name: string): string => `„${name}“ wurde gespeichert`,
    savedOff: 'Der Server ist aus. Einschalten, um seine Modelle zu verwenden.',
  },

  steps: {
    connect: 'Server erreichen',
    models: 'Modelle auflisten',
    server: 'Art des Servers feststellen',
    context: 'Kontextgröße',
    tokenize: 'Tokenzählung',
    reply: 'Eine kurze Antwort',
    tools: 'Ein Tool-Aufruf',
  } satisfies Record<CheckStep, string>,
  checkOf: (name: string): string => `Prüfung von ${name}`,
  checkDone: 'Die Prüfung ist fertig.',
  checkCosts: 'Bei einer Prüfung schreibt ein Modell einige Wörter.',
  found: {
    connect: (ms: number): string => formatDuration(ms),
    models,
    context: (tokens: number | null): string =>
      tokens === null ? 'Vom Server nicht mitgeteilt' : plural(tokens, { one: '# Token', other: '# Token' }),
    tokenize: (absent: boolean): string => (absent ? 'Nicht angeboten' : 'Angeboten'),
    reply: (ms: number, counted: boolean): string =>
      `Erstes Token nach ${formatDuration(ms)}${counted ? '' : '; Token werden nicht gezählt'}`,
    tools: (absent: boolean): string => (absent ? 'Das Modell hat keinen gemacht' : 'Funktioniert'),
    failed: 'Fehlgeschlagen',
    running: 'Läuft',
  },

  table: {
    title: 'Was jede Engine kann',
    capability: 'Fähigkeit',
    kinds: { 'llama.cpp': 'llama.cpp (eingebaut)', 'openai-compatible': 'OpenAI-kompatibel' } satisfies Record<
      ProviderRow['kind'],
      string
    >,
    platforms: { linux: 'Linux', macos: 'macOS', windows: 'Windows' } satisfies Record<
      ProviderRow['platforms'][number],
      string
    >,
    anyPlatform: 'jede Plattform',
    capabilities: {
      chat: 'Chat',
      tools: 'Tools',
      images: 'Bilder',
      grammar: 'Grammatiken und JSON-Schemas',
      continue: 'Abgebrochene Antwort fortsetzen',
      logprobs: 'Log-Wahrscheinlichkeiten',
      embeddings: 'Embeddings',
      rerank: 'Reranking',
      tokenize: 'Tokenzählung',
      states: 'Gespeicherter Zustand langer Chats',
      gpu: 'GPU',
    } satisfies Record<ProviderCapability, string>,
    answers: {
      yes: 'Ja',
      no: 'Nein',
      server: 'Wo der Server es kann',
      cuda_vulkan: 'CUDA, Vulkan',
      metal: 'Metal',
    } satisfies Record<CapabilityAnswer, string>,
  },
};
