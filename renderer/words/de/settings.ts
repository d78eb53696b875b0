/** Settings. */
import type { BackendProblem } from '../../../preload/contract/engine.ts';
import type { CacheFolderKind, ShownCertificates } from '../../../preload/contract/settings.ts';
import type { settings as english } from '../en/settings.ts';
import { formatInteger, plural } from '../format.ts';

/** The owner of a folder for the models. */
function folderKind(folder: CacheFolderKind): string {
  switch (folder.kind) {
    case 'hugging_face':
      return 'Gemeinsam mit den Programmen von Hugging Face';
    case 'hearth':
      return 'In Hearths eigenem Datenordner';
    case 'picked':
      return 'Gewählter Ordner';
    case 'environment':
      return `Durch ${folder.variable} festgelegt`;
    default:
      return folder satisfies never;
  }
}

export const settings: typeof english = {
  title: 'Einstellungen',
  loading: 'Einstellungen werden geladen',
  sectionList: 'Abschnitte',
  sections: {
    appearance: { title: 'Darstellung', text: 'Design, Sprache, Schriftgröße und Dichte.' },
    keyboard: {
      title: 'Tastatur',
      text: 'Die Tasten aller Befehle. Änderungen gelten sofort und in allen Fenstern.',
    },
    replies: {
      title: 'Sampling',
      text: 'Standardwerte für neue Chats. Ein Chat kann eigene Werte haben; viele Modelle empfehlen Werte auf ihrer Seite.',
    },
    engine: {
      title: 'Engine',
      text: 'Wie viel Arbeitsspeicher Modelle belegen dürfen und auf welcher Hardware sie laufen.',
    },
    elsewhere: {
      title: 'Engines anderswo',
      text: 'Modelle von Servern, die das Protokoll von OpenAI sprechen: llama-server, vLLM, Ollama, LM Studio, ein anderes Hearth oder ein Dienst. Alle sind aus, bis sie eingeschaltet werden; Nachrichten an ihre Modelle werden dorthin gesendet.',
    },
    folder: {
      title: 'Modellordner',
      text: 'Hier liegen die Downloads. Andere Programme von Hugging Face nutzen den gemeinsamen Ordner ebenfalls, nichts wird doppelt gespeichert.',
    },
    folders: {
      title: 'Weitere Modellordner',
      text: 'GGUF-Dateien in diesen Ordnern werden ohne Kopie an Ort und Stelle benutzt. Hearth schreibt dort nie. Modelle von LM Studio, Ollama, Jan und GPT4All werden automatisch gefunden.',
    },
    downloads: {
      title: 'Downloads',
      text: 'Wie viel Bandbreite und Speicherplatz Downloads belegen dürfen.',
    },
    hub: {
      title: 'Hugging Face',
      text: 'Ein Token gibt Zugriff auf zugangsbeschränkte und auf eigene private Modelle. Öffentliche Modelle brauchen keines.',
    },
    network: {
      title: 'Netzwerk',
      text: 'Für einen Spiegelserver des Hubs, einen Proxy oder eigene Zertifikate.',
    },
    chats: {
      title: 'Import und Export',
      text: 'Chats aus anderen Programmen mitnehmen und eigene Chats in Dateien sichern.',
    },
    computer: {
      title: 'Was auf diesem Computer liegt',
      text: 'Alles, was Hearth aufbewahrt, und wo es liegt. Nichts wird gesendet: Hearth hat keine Telemetrie, kein Konto und keine Cloud.',
    },
    developer: {
      title: 'Entwicklermodus',
      text: 'Ist er aus, zeigt Hearth, was die meisten Menschen brauchen.',
    },
    about: { title: 'Über Hearth', text: 'Angaben für einen Fehlerbericht.' },
  },
  search: 'Einstellungen durchsuchen',
  nothing: 'Keine passende Einstellung.',
  theme: 'Design',
  themes: { system: 'System', light: 'Hell', dark: 'Dunkel' },
  engine: {
    budget: 'Arbeitsspeicher für Modelle',
    budgetAuto: 'Was frei ist',
    budgetLimit: 'Höchstens',
    budgetUnit: 'GB',
    budgetHint: 'Braucht ein Modell Arbeitsspeicher, wird das am längsten nicht benutzte Modell entladen.',
    budgetTotal: (size: string): string => `Dieser Computer hat ${size}.`,
    idle: 'Unbenutzte Modelle entladen',
    idleHint: 'Gibt ihren Arbeitsspeicher frei; die nächste Nachricht lädt das Modell wieder.',
    idleMinutes: 'Leerlaufzeit in Minuten',
    states: 'Zustand langer Chats behalten',
    statesHint: 'Speichert KV-Caches auf der Festplatte, damit ein langer Chat nach dem Öffnen sofort antwortet.',
    statesDisk: 'Speicherplatz für Chat-Zustände',
  },
  preload: {
    label: 'Beim Start von Hearth laden',
    earlier: (name: string): string => `${name} nach oben verschieben`,
    remove: (name: string): string => `${name} beim Start nicht laden`,
    toAdd: 'Modell, das beim Start geladen wird',
    choose: 'Modell wählen',
    add: 'Beim Start laden',
    none: (builtIn: string): string => `Ohne Auswahl wird ${builtIn} geladen.`,
    builtIn: 'das mitgelieferte Modell',
    order: 'Werden in dieser Reihenfolge geladen, solange der Platz reicht.',
  },
  hardware: {
    title: 'Hardware',
    backends: 'GPU-Unterstützung',
    free: (free: string, total: string): string => `${free} von ${total} frei`,
    inUse: (size: string): string => `Belegt ${size}`,
    cores: (cores: number): string => plural(cores, { one: '# Kern', other: '# Kerne' }),
    coresAndFeatures: (cores: string, features: string): string => `${cores} · ${features}`,
    badge: 'In Gebrauch',
    install: 'Installieren',
    installNamed: (name: string): string => `${name} installieren`,
    installing: (name: string): string => `${name} wird installiert`,
    starting: 'Wird gestartet',
  },
  backends: {
    names: { cuda: 'CUDA (NVIDIA)', vulkan: 'Vulkan (AMD, Intel, NVIDIA)', metal: 'Metal (Apple)' },
    installed: 'Modelle können auf der Grafikkarte laufen.',
    unavailable: 'Für diesen Computer nicht verfügbar.',
    problems: {
      found_no_gpu: 'Die Bibliotheken funktionieren, haben aber keine GPU gefunden.',
      does_not_start:
        'Startet auf diesem Computer nicht: Ein benötigter Treiber oder eine Bibliothek fehlt. Was genau, steht im Protokoll.',
      no_nvidia_gpu: 'Dieser Computer hat keine NVIDIA-GPU.',
      no_gpu: 'Dieser Computer hat keine GPU.',
    } satisfies Record<BackendProblem['code'], string>,
    fetch: (size: string | null): string =>
      `Wird aus der npm-Registry heruntergeladen und anhand des Hashes geprüft${size === null ? '' : ` (${size})`}.`,
    useless: (size: string | null): string =>
      `Eine Installation${size === null ? '' : ` (${size})`} würde noch nicht helfen.`,
  },
  folder: {
    changed: 'Der Modellordner wurde geändert.',
    changedText: 'Modelle im alten Ordner bleiben dort.',
    temporary: 'Dieser Ordner ist temporär: Seine Dateien werden gelöscht, wenn Hearth beendet wird.',
    chooseAnother: 'Anderen Ordner wählen…',
    label: 'Modellordner',
    kind: folderKind,
    free: (size: string): string => `${size} frei`,
    /** The folder itself names the variable that set it. */
    fixedBy: (variable: string): string => `Um hier einen Ordner zu wählen, Hearth ohne ${variable} starten.`,
  },
  fixedBy: (variable: string): string =>
    `Durch die Umgebungsvariable ${variable} festgelegt. Um hier zu wählen, Hearth ohne sie starten.`,
  folders: {
    none: 'Keine weiteren Ordner.',
    list: 'Weitere Modellordner',
    remove: (name: string): string => `${name} entfernen`,
    removeHint: 'Die Dateien bleiben, wo sie sind',
    add: 'Ordner hinzufügen…',
    pickerTitle: 'Modellordner hinzufügen',
    pickerText: 'GGUF-Dateien im Ordner und in seinen Unterordnern werden an Ort und Stelle benutzt.',
    files: (count: number): string =>
      count === 0 ? '' : plural(count, { one: '# GGUF-Datei hier', other: '# GGUF-Dateien hier' }),
    use: 'Diesen Ordner verwenden',
    home: 'Zurück zum Benutzerordner',
    subfolders: 'Ordner',
    above: 'Übergeordneter Ordner',
  },
  downloads: {
    parallel: 'Gleichzeitige Downloads',
    speed: 'Geschwindigkeit begrenzen',
    speedHint: 'Für alle Downloads zusammen, damit anderen Programmen Bandbreite bleibt.',
    cache: 'Cache begrenzen',
  },
  token: {
    sources: {
      none: { badge: 'Kein Token', text: 'Suche und öffentliche Modelle funktionieren auch ohne.' },
      settings: {
        badge: 'Gespeichert',
        text: 'Verschlüsselt gespeichert, wo das System es erlaubt, und nie wieder angezeigt.',
      },
      environment: { badge: 'Aus der Umgebung', text: 'Die Umgebungsvariable HF_TOKEN ist gesetzt.' },
      file: {
        badge: 'Von diesem Computer',
        text: 'Ein anderes Programm von Hugging Face hat sich auf diesem Computer angemeldet.',
      },
    },
    /** Before the name of a gated model, and after it. */
    neededFor: 'Nötig für',
    opensAgain: '. Das Modell öffnet sich wieder, sobald das Token gespeichert ist.',
    wrong: 'Ein Token wie hf_… hat mindestens 8 Zeichen und keine Leerzeichen.',
    refused:
      'Der Hub nimmt dieses Token nicht an: Es enthält einen Tippfehler, ist abgelaufen oder gelöscht. Noch einmal kopieren oder ein anderes erstellen.',
    saved: 'Das Token wurde gespeichert.',
    owner: (name: string): string => `Es gehört zu ${name}.`,
    unchecked: (why: string): string => `Es wurde nicht geprüft. ${why}.`,
    forgotten: 'Das Token wurde entfernt.',
    label: 'Token',
    labelNew: 'Neues Token',
    placeholder: 'hf_…',
    placeholderNew: 'Zum Ersetzen ein anderes Token einfügen',
    forget: 'Entfernen…',
    create: 'Token auf dem Hub erstellen',
    createHint: '(Lesezugriff genügt)',
    askTitle: 'Hub-Token entfernen?',
    askText: 'Hearth kann es nicht wiederherstellen. Auf dem Hub bleibt das Token gültig, bis es dort gelöscht wird.',
    keep: 'Behalten',
    forgetNow: 'Token entfernen',
  },
  network: {
    mirror: 'Spiegelserver',
    mirrorHint: 'Eine andere Adresse des Hubs. Leer: huggingface.co.',
    proxy: 'Proxy',
    proxyHint:
      'Das Passwort wird geheim gespeichert und nicht wieder angezeigt. Hosts in NO_PROXY werden direkt angesprochen.',
    saved: (name: string): string => `${name} gespeichert`,
    cleared: (name: string): string => `${name} entfernt`,
    saveNamed: { hubEndpoint: 'Spiegelserver speichern', proxy: 'Proxy speichern' },
    certificates: 'Zertifikate',
    certificatesInUse: ({ count, names }: ShownCertificates): string => {
      const counted = plural(count, { one: '# Zertifikat', other: '# Zertifikate' });
      return names.length === 0 ? counted : `${counted}: ${names.join(', ')}`;
    },
    certificatesSystem:
      'Die Zertifikate des Systems. Netzwerke, die den Datenverkehr prüfen, brauchen zusätzlich ihre eigenen.',
    addCertificates: 'Hinzufügen…',
    replaceCertificates: 'Ersetzen…',
    forgetCertificates: 'Entfernen',
    pem: 'Zertifikate (PEM)',
    saveCertificates: 'Zertifikate speichern',
    certificatesSaved: 'Die Zertifikate wurden gespeichert',
    certificatesForgotten: 'Die Zertifikate wurden entfernt',
    badScheme: 'Eine Adresse beginnt mit http:// oder https://.',
    badAddress: 'Das ist keine gültige Adresse.',
  },
  about: {
    hearth: 'Hearth',
    version: (version: string, isDesktop: boolean): string =>
      `${version}, ${isDesktop ? 'Desktop-App' : 'in einem Browser'}`,
    computer: 'Computer',
    processor: 'Prozessor',
    processorText: (model: string, cores: number): string =>
      `${model}, ${plural(cores, { one: '# Kern', other: '# Kerne' })}`,
    node: 'Node',
    dataFolder: 'Datenordner',
    log: 'Protokollordner',
    telemetry: 'Telemetrie',
    noTelemetry: 'Keine. Hearth sendet nichts über Sie oder Ihren Computer.',
    hub: 'Hub',
    hubOffline: (address: string): string => `${address} (Offline-Modus)`,
    engine: (name: string): string => `Engine: ${name}`,
    loading: 'wird geladen',
    failed: 'fehlgeschlagen',
    threads: (threads: number): string => plural(threads, { one: '# Thread', other: '# Threads' }),
    layers: (onGpu: number, all: number): string =>
      `${formatInteger(onGpu)} von ${plural(all, { one: '# Schicht', other: '# Schichten' })} auf der GPU`,
    context: (size: number, trained: number): string =>
      `Kontextgröße ${formatInteger(size)} von ${plural(trained, { one: '# Token', other: '# Token' })}`,
    loadTime: (time: string): string => `in ${time} geladen`,
    copy: 'Für einen Bericht kopieren',
  },
  log: {
    /** In a browser, which shows the log in the page. */
    show: 'Protokoll anzeigen',
    /** In the desktop app, which opens the log in the system's file manager. */
    showFile: 'Protokolldatei anzeigen',
    title: 'Protokoll',
    text: 'Was Hearth zuletzt getan hat und was fehlgeschlagen ist. Das Protokoll enthält keinen Text aus Chats und keine Zugangstoken.',
    lines: 'Protokollzeilen',
    copy: 'Kopieren',
    empty: 'Noch keine Einträge.',
  },
};
