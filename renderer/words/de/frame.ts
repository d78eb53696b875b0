/** The window around the screens, and the primitives that have text of their own. */
import type { StartWarning } from '../../../preload/contract/system.ts';
import type {
  frame as englishFrame,
  gauge as englishGauge,
  palette as englishPalette,
  ui as englishUi,
} from '../en/frame.ts';

/** An environment variable whose value is invalid. */
function startWarning(warning: StartWarning): string {
  const { variable } = warning;
  switch (warning.code) {
    case 'unknown_variable':
      return `${variable} ist gesetzt, aber Hearth kennt keine solche Variable. Bekannt: ${warning.known.join(', ')}.`;
    case 'not_a_switch':
      return `${variable} ist „${warning.value}“; erwartet wird 1 oder 0. Es gilt 0.`;
    case 'unknown_log_level':
      return `${variable} ist „${warning.value}“; erwartet wird einer der Werte ${warning.known.join(', ')}. Es gilt info.`;
    case 'not_a_port':
      return `${variable} ist „${warning.value}“ und damit kein Port.`;
    case 'not_seconds':
      return `${variable} ist „${warning.value}“; erwartet werden ganze Sekunden. Der Wert wird nicht verwendet.`;
    case 'not_a_web_address':
      return `${variable} ist keine Webadresse und wird nicht verwendet.`;
    case 'unreadable_file':
      return `${variable} nennt eine Datei, die nicht gelesen werden kann, und wird nicht verwendet.`;
    default:
      return warning satisfies never;
  }
}

export const frame: typeof englishFrame = {
  startWarning,
  appName: 'Hearth',
  titles: {
    chat: 'Hearth',
    models: 'Modelle · Hearth',
    notebook: 'Notizbuch · Hearth',
    server: 'Server · Hearth',
    personas: 'Personas · Hearth',
    settings: 'Einstellungen · Hearth',
  },
  titleOf: (chat: string): string => `${chat} · Hearth`,
  skip: 'Zum Inhalt springen',
  connectionLost: 'Verbindung zu Hearth verloren. Sie wird neu aufgebaut; der Entwurf bleibt hier.',
  needsAddress:
    'Dieser Tab hat keinen Zugriff auf Hearth. Die Adresse öffnen, die Hearth beim letzten Start ausgegeben hat.',
  reconnect: 'Jetzt neu verbinden',
  dismiss: 'Ausblenden',
  screens: 'Ansichten',
  chat: 'Chat',
  models: 'Modelle',
  notebook: 'Notizbuch',
  server: 'Server',
  serverOn: 'Server, eingeschaltet',
  settings: 'Einstellungen',
  search: 'Befehle suchen',
  commands: 'Suchen',
  widenRail: 'Beschriftungen einblenden',
  narrowRail: 'Beschriftungen ausblenden',
  downloadsAndMemory: 'Downloads und Arbeitsspeicher',
  offline: 'Offline',
  offlineTip: 'Offline-Modus: Hearth sendet nichts ins Internet',
  broken: 'Diese Ansicht ist fehlgeschlagen',
  showAgain: 'Ansicht erneut anzeigen',
  reloadWindow: 'Fenster neu laden',
  themeNotSaved: 'Das Design konnte nicht gespeichert werden.',
};

export const palette: typeof englishPalette = {
  title: 'Befehlspalette',
  commands: 'Befehle',
  placeholder: 'Befehle, Chats, Modelle und Einstellungen suchen',
  nothing: 'Keine Treffer.',
  groups: {
    recent: 'Letzte Chats',
    chats: 'Chats',
    byName: 'Modelle nach Namen',
    settings: 'Einstellungen',
    chat: 'Chat',
    field: 'Nachrichtenfeld',
    list: 'Chatliste',
    models: 'Modelle',
    notebook: 'Notizbuch',
    server: 'Server',
    goTo: 'Wechseln',
    window: 'Fenster',
    notNow: 'Jetzt nicht verfügbar',
  },
  shortcuts: 'Tastenkürzel',
  newChat: 'Neuer Chat',
  undo: 'Rückgängig',
  goToDiscover: 'Modelle entdecken',
  discoverKeywords: ['modelle', 'hub', 'download', 'herunterladen', 'suchen'],
  goToLocal: 'Modelle auf diesem Computer',
  localKeywords: ['modelle', 'laden', 'entladen', 'löschen'],
  chooseModel: 'Modell wählen',
  chooseModelKeywords: ['wechseln', 'auswahl', 'ändern'],
  continueReply: 'Letzte Antwort fortsetzen',
  editLast: 'Letzte Nachricht bearbeiten',
  chatWith: (name: string): string => `Chat mit ${name}`,
  load: (name: string): string => `${name} laden`,
  goToChat: 'Zum Chat wechseln',
  goToNotebook: 'Zum Notizbuch wechseln',
  notebookKeywords: ['dokument', 'vervollständigung', 'roh', 'schreiben', 'perplexität', 'lücke', 'füllen'],
  goToServer: 'Zur Server-Ansicht wechseln',
  goToPersonas: 'Zu den Personas wechseln',
  personasKeywords: ['charakter', 'figur', 'karte', 'lorebook', 'vorlage', 'preset', 'world info'],
  serverKeywords: ['api', 'openai', 'anthropic', 'ollama', 'editor', 'schlüssel', 'anfragen', 'port'],
  startServer: 'API-Server starten',
  stopServer: 'API-Server stoppen',
  copyServerAddress: 'Adresse des API-Servers kopieren',
  settingsOf: (section: string): string => `Einstellungen: ${section}`,
  goToSettings: 'Zu den Einstellungen wechseln',
  settingsKeywords: ['optionen', 'token', 'ordner', 'sampling'],
  toggleRail: 'Beschriftungen der Leiste ein- oder ausblenden',
  light: 'Helles Design',
  dark: 'Dunkles Design',
  system: 'Design des Systems',
  showDownloads: 'Downloads anzeigen',
  downloadsKeywords: ['fortschritt', 'anhalten', 'pause', 'fortsetzen'],
  rescan: 'Modelle neu einlesen',
  rescanKeywords: ['aktualisieren', 'cache'],
  showStorage: 'Speicher anzeigen',
  storageKeywords: ['festplatte', 'speicherplatz', 'cache', 'löschen', 'limit', 'verschieben'],
  checkUpdates: 'Modelle auf Updates prüfen',
  updatesKeywords: ['neu', 'version', 'aktualisierung'],
  verifyAll: 'Alle Modelle prüfen',
  verifyKeywords: ['hash', 'verifizieren', 'beschädigt'],
  stop: 'Antwort stoppen',
  regenerate: 'Letzte Antwort neu erzeugen',
  copyReply: 'Letzte Antwort kopieren',
  loadSettings: 'Ladeeinstellungen',
  loadKeywords: [
    'ladeoptionen',
    'kontextgröße',
    'gpu-schichten',
    'threads',
    'kv-cache',
    'speichertyp',
    'lora',
    'spekulatives dekodieren',
    'entwurfsmodell',
  ],
  exactPrompt: 'Genauen Prompt anzeigen',
  promptKeywords: ['token', 'vorlage', 'kontext'],
  inspector: 'Inspektor ein- oder ausblenden',
  inspectorKeywords: ['system-prompt', 'anweisungen', 'sampling', 'temperatur'],
  renameChat: 'Diesen Chat umbenennen',
  deleteChat: 'Diesen Chat löschen',
  writeMessage: 'Nachricht schreiben',
  send: 'Nachricht senden',
  newLine: 'Neue Zeile',
  sentMessages: 'Gesendete Nachrichten, am Anfang des Felds',
  editLastEmpty: 'Letzte Nachricht bearbeiten, in einem leeren Feld',
  previousChat: 'Vorheriger Chat',
  nextChat: 'Nächster Chat',
  rows: 'In der Liste bewegen',
  renameRow: 'Fokussierten Chat umbenennen',
  deleteRow: 'Fokussierten Chat löschen',
  otherTheme: 'Zwischen Hell und Dunkel wechseln',
};

export const gauge: typeof englishGauge = {
  memory: 'Arbeitsspeicher',
  inUse: 'Belegter Arbeitsspeicher',
  free: 'Frei',
  freeAmount: (size: string): string => `${size} frei`,
  labeled: (name: string, size: string): string => `${name} ${size}`,
  freeOnDisk: 'Freier Speicherplatz für Modelle',
  engine: 'Engine',
  otherPrograms: 'Andere Programme',
  models: 'Modelle',
  loadedModels: 'Geladene Modelle',
  noneLoaded: 'Kein Modell ist geladen.',
  graphicsMemory: (card: string): string => `Grafikspeicher von ${card}`,
  ram: 'Arbeitsspeicher (RAM)',
  vram: 'Grafikspeicher (VRAM)',
};

/** Words of the primitives. */
export const ui: typeof englishUi = {
  add: 'Hinzufügen',
  cancel: 'Abbrechen',
  close: 'Schließen',
  // A German noun keeps its capital.
  closePanel: (title: string): string => `${title} schließen`,
  copied: 'Kopiert',
  copy: 'Kopieren',
  default: 'Standard',
  resetTo: (name: string, value: string): string => `${name} auf ${value} zurücksetzen`,
  details: 'Details',
  dismiss: 'Ausblenden',
  fromTo: (least: string, most: string, isWhole: boolean): string =>
    `Eine ${isWhole ? 'ganze ' : ''}Zahl von ${least} bis ${most}`,
  loading: 'Wird geladen',
  more: 'Mehr',
  notices: 'Hinweise',
  remove: (name: string): string => `${name} entfernen`,
  save: 'Speichern',
  show: 'Anzeigen',
  tryAgain: 'Erneut versuchen',
  undo: 'Rückgängig',
  inUnit: (label: string, unit: string): string => `${label}, in ${unit}`,
  withTerm: (label: string, term: string): string => `${label} (${term})`,
  copyFailed: 'Der Text konnte nicht kopiert werden.',
  copyRefused: 'Das System hat den Zugriff auf die Zwischenablage verweigert.',
  loadingModel: (name: string): string => `${name} wird geladen`,
  on: 'Ein',
  off: 'Aus',
  auto: 'Automatisch',
  megabytesPerSecond: 'MB/s',
  gigabytes: 'GB',
  minutes: 'min',
  tokens: 'Token',
};
