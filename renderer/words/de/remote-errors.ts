/** Why a server elsewhere gave no reply: it cannot be reached, it refuses, or it answers with something else. */
import type { remoteErrors as englishErrors, remoteReasons as englishReasons } from '../en/remote-errors.ts';
import { formatDuration } from '../format.ts';
import { isNumber, text } from './error-facts.ts';

/** The name of the server in quotes, or other words in the case that the sentence needs. */
const named = (fact: unknown, otherwise: string): string =>
  typeof fact === 'string' && fact !== '' ? `„${fact}“` : otherwise;
/** The server at the start of a sentence. */
const server = (fact: unknown): string => named(fact, 'Der Server');
/** The server's own words at the end of a sentence. */
const said = (detail: unknown): string =>
  typeof detail === 'string' && detail !== '' ? ` Der Server meldet: ${detail}` : '';
/** The status of an answer, after “mit”. */
const withStatus = (status: unknown): string =>
  isNumber(status) ? `Status ${String(status)}` : 'dem Status eines Fehlers';

export const remoteErrors: typeof englishErrors = {
  'remote.unreachable': {
    title: 'Der Server ist nicht erreichbar',
    text: ({ host, cause }) =>
      `${text(host, 'Er')} antwortet nicht (${text(cause, 'Grund unbekannt')}). Die Adresse unter Einstellungen > Engines anderswo und das Netzwerk prüfen.`,
    reasons: {
      offline_mode: {
        title: 'Hearth ist im Offline-Modus',
        text: ({ variable }) =>
          `Mit ${text(variable, 'dieser Einstellung')} fragt Hearth keinen anderen Computer an. Ein Modell dieses Computers verwenden oder Hearth ohne diese Einstellung starten.`,
      },
      refused: ({ host }) =>
        `Unter ${text(host, 'seiner Adresse')} nimmt nichts Verbindungen an. Den Server dort starten oder den Port prüfen.`,
      unknown_host: ({ host }) =>
        `Kein Computer heißt ${text(host, 'so')}. Die Adresse unter Einstellungen > Engines anderswo prüfen.`,
      certificate: {
        title: 'Das Zertifikat des Servers lässt sich nicht prüfen',
        text: ({ host, cause, server: name }) =>
          `Das Zertifikat von ${text(host, 'diesem Server')} gilt für einen anderen Namen, oder es stammt von einer Zertifizierungsstelle, die dieser Computer nicht kennt (${text(cause, 'TLS')}). Das Zertifikat dieser Stelle unter Einstellungen > Engines anderswo bei ${named(name, 'dem Server')} einfügen.`,
      },
      no_answer: ({ server: name, limitMs }) =>
        `${server(name)} hat ${isNumber(limitMs) ? `innerhalb von ${formatDuration(limitMs)} nicht` : 'nicht rechtzeitig'} geantwortet. Vielleicht ist der Server ausgelastet oder lädt noch das Modell.`,
      silent: {
        title: 'Der Server ist verstummt',
        text: ({ limitMs }) =>
          `Es kam ${isNumber(limitMs) ? `${formatDuration(limitMs)} lang nichts` : 'nichts mehr'}. Das bisher Geschriebene bleibt erhalten.`,
      },
      cut: {
        title: 'Die Verbindung ist abgebrochen',
        text: ({ server: name }) =>
          `${server(name)} hat sie beendet, bevor die Antwort vollständig war. Das bisher Geschriebene bleibt erhalten.`,
      },
    },
  },
  'remote.bad_response': {
    title: 'Unerwartete Antwort des Servers',
    text: ({ host, server: name }) =>
      `${text(host, 'Er')} spricht das Protokoll von OpenAI nicht oder anders als erwartet. Die Adresse von ${named(name, 'diesem Server')} prüfen.`,
    reasons: {
      page: ({ host }) =>
        `${text(host, 'Er')} hat eine Webseite gesendet. Vielleicht ist es die Adresse der Website, oder eine Anmeldung ist vorgeschaltet.`,
      no_models_list: ({ host }) =>
        `${text(host, 'Er')} listet keine Modelle auf. Die Adresse endet meist auf /v1: in der Dokumentation des Servers nachsehen.`,
      redirect: ({ host, target }) =>
        `${text(host, 'Er')} leitet an ${text(target, 'eine andere Adresse')} weiter. Wenn das stimmt, diese Adresse eintragen.`,
      unreadable: ({ host }) =>
        `${text(host, 'Er')} spricht das Protokoll von OpenAI nicht oder anders als erwartet. Die Adresse prüfen.`,
      too_long: 'Er hat weit mehr gesendet, als eine Antwort je enthält.',
      status: {
        title: 'Fehler auf dem Server',
        text: ({ status, detail }) => `Er hat mit ${withStatus(status)} geantwortet.${said(detail)}`,
      },
      said: {
        title: 'Der Server hat die Antwort beendet',
        text: ({ detail, server: name }) => `${server(name)} meldet: ${text(detail, 'ein Fehler')}`,
      },
    },
  },
};

/** The reasons of servers elsewhere under codes that others have as well. */
export const remoteReasons: typeof englishReasons = {
  invalid_input: {
    address: 'Das ist nicht die Adresse eines Servers. Sie beginnt mit http:// oder https://.',
    address_password: 'Name und Passwort aus der Adresse weglassen. Sie gehören in einen Schlüssel oder einen Header.',
    address_query: 'In der Adresse weglassen, was auf ? oder # folgt.',
    provider_kind: ({ name, known }) => `Unbekannter Anbieter „${text(name, '')}“. Bekannt: ${text(known, '')}.`,
    provider_built_in: 'llama.cpp ist eingebaut und braucht keine Adresse.',
    too_many_providers: ({ limit }) =>
      `Es gibt schon ${isNumber(limit) ? String(limit) : 'viele'} Server. Zuerst einen entfernen.`,
    provider_name: ({ server: name }) =>
      `${named(name, 'Dieser Name')} ist der Name eines anderen Servers. Einen eigenen Namen wählen.`,
    provider_address: ({ server: name }) => `${named(name, 'Ein anderer Server')} hat diese Adresse schon.`,
    header_reserved: ({ name }) =>
      `Der Header ${text(name, '')} gehört zur Verbindung und kann nicht festgelegt werden.`,
    header_value: ({ name }) =>
      `Den Wert von ${text(name, 'diesem Header')} erneut eingeben: Er war nur für die alte Adresse gespeichert.`,
    file_too_large: ({ name }) => `${text(name, 'Eine Datei')} ist zu groß, um an einen Server gesendet zu werden.`,
    remote: {
      title: 'Der Server lehnt die Anfrage ab',
      text: ({ server: name, status, detail }) =>
        `${server(name)} hat mit ${withStatus(status)} geantwortet.${said(detail)}`,
    },
  },
  unsupported: {
    runs_elsewhere: 'Dieses Modell läuft anderswo. Hier gibt es nichts zu laden, und sein Prompt entsteht dort.',
    remote: ({ server: name, detail }) => `${server(name)} bietet das nicht an.${said(detail)}`,
    remote_continue:
      'Dieser Server kann eine begonnene Antwort nicht fortsetzen. Die Antwort stattdessen neu erzeugen.',
    remote_continue_reasoning:
      'Ein Server kann nicht mitten im Reasoning fortsetzen. Die Antwort stattdessen neu erzeugen.',
    remote_grammar:
      'Dieser Server kann eine Antwort nicht an eine Grammatik binden. Vielleicht nimmt er ein JSON-Schema an.',
    remote_infill: 'Dieser Server kann keinen Text zwischen zwei anderen einfügen.',
    remote_logit_bias: 'Dieser Server nimmt einen Logit-Bias nur für Nummern von Token an, nicht für Texte.',
    remote_template: 'Ein Modell anderswo schreibt seinen Prompt mit dem eigenen Chat-Template.',
    remote_prompt_logprobs: 'Ein Modell anderswo nennt die Wahrscheinlichkeiten der Token eines Prompts nicht.',
    remote_tool_choice: 'Diesem Server lässt sich kein Tool-Aufruf vorschreiben. Er entscheidet selbst.',
    remote_tokenize: 'Dieser Server teilt nicht mit, wie er einen Text in Token zerlegt.',
    remote_render: 'Dieser Server teilt nicht mit, welchen Prompt er aus einem Gespräch macht.',
    remote_rerank: 'Dieser Server bewertet keine Dokumente.',
  },
  unauthorized: {
    remote_key: {
      title: 'Der Server akzeptiert den Schlüssel nicht',
      text: ({ host, server: name, detail }) =>
        `${text(host, 'Er')} lehnt den Schlüssel von ${named(name, 'diesem Server')} ab. Einen neuen unter Einstellungen > Engines anderswo eingeben.${said(detail)}`,
    },
    remote_no_key: {
      title: 'Der Server verlangt einen Schlüssel',
      text: ({ host, server: name, detail }) =>
        `${text(host, 'Er')} antwortet nur mit Schlüssel, und für ${named(name, 'diesen Server')} ist keiner gespeichert. Unter Einstellungen > Engines anderswo eingeben.${said(detail)}`,
    },
  },
  busy: {
    remote_busy: {
      title: 'Der Server ist ausgelastet',
      text: ({ server: name, retryAfterMs, detail }) =>
        `${server(name)} nimmt vorerst keine weiteren Anfragen an.${isNumber(retryAfterMs) ? ` Erbetene Wartezeit: ${formatDuration(retryAfterMs)}.` : ' Gleich noch einmal versuchen.'}${said(detail)}`,
    },
  },
  missing: {
    remote: {
      title: 'Der Server hat kein solches Modell',
      text: ({ server: name, model }) =>
        `${server(name)} hat ${text(model, 'dieses Modell')} nicht mehr. Ein anderes Modell wählen.`,
    },
    provider_off: {
      title: 'Dieser Server ist ausgeschaltet',
      text: ({ server: name }) =>
        `${named(name, 'Den Server')} unter Einstellungen > Engines anderswo einschalten oder ein anderes Modell wählen.`,
    },
    provider_gone: {
      title: 'Der Server dieses Modells wurde entfernt',
      text: 'Ein anderes Modell wählen oder den Server unter Einstellungen > Engines anderswo wieder hinzufügen.',
    },
  },
};
