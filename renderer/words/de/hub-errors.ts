/** Why the Hub gave no answer, or a wrong one: the network on the way, the Hub itself, and what it sent. */
import type { hubErrors as english } from '../en/hub-errors.ts';
import { formatDuration } from '../format.ts';
import { isNumber, proxyName, proxyPlace, text } from './error-facts.ts';

export const hubErrors: typeof english = {
  'network.proxy': {
    title: 'Der Proxy steht im Weg',
    text: ({ proxy, status }) =>
      `${proxyName(proxy)} hat anstelle des Hubs geantwortet${isNumber(status) ? ` (Status ${String(status)})` : ''}.`,
    reasons: {
      password: {
        title: 'Der Proxy verlangt Name und Passwort',
        text: (facts) => `${proxyName(facts['proxy'])} nimmt ohne beides keine Verbindung an. ${proxyPlace(facts)}`,
      },
      wrong_password: {
        title: 'Der Proxy akzeptiert Name und Passwort nicht',
        text: (facts) => `${proxyName(facts['proxy'])} lehnt die Angaben in seiner Adresse ab. ${proxyPlace(facts)}`,
      },
      refused: {
        title: 'Dieses Netzwerk lässt den Hub nicht zu',
        text: ({ proxy, host }) =>
          `${typeof proxy === 'string' ? `Der Proxy ${proxy}` : 'Ein Proxy oder Filter auf dem Weg'} lehnt ${text(host, 'den Hub')} ab. Beim Betreiber dieses Netzwerks nachfragen oder unter Einstellungen > Netzwerk einen Spiegelserver eintragen.`,
      },
      no_answer: {
        title: 'Der Proxy erreicht den Hub nicht',
        text: ({ proxy, host }) =>
          `${proxyName(proxy)} hat von ${text(host, 'dem Hub')} keine Antwort erhalten. Das geht meist vorüber.`,
      },
      unreachable: {
        title: 'Der Proxy ist nicht erreichbar',
        text: ({ proxy, variable }) =>
          `${proxyName(proxy)} antwortet nicht. ${typeof variable === 'string' ? `Festgelegt ist er in ${variable}.` : 'Seine Adresse unter Einstellungen > Netzwerk prüfen.'}`,
      },
    },
  },
  'network.portal': {
    title: 'Dieses Netzwerk verlangt eine Anmeldung',
    text: ({ host, loginHost }) =>
      `${text(loginHost, 'Das Netzwerk')} zeigt eine Webseite anstelle von ${text(host, 'dem Hub')}. Im Browser am Netzwerk anmelden und erneut versuchen.`,
  },
  'hub.offline': {
    title: 'Der Hub ist nicht erreichbar',
    text: 'Die Internetverbindung prüfen. Modelle auf diesem Computer funktionieren weiter.',
    reasons: {
      npm_registry: {
        title: 'Die npm-Registry ist nicht erreichbar',
        text: 'Von dort wird die GPU-Unterstützung heruntergeladen. Die Internetverbindung prüfen.',
      },
    },
  },
  'hub.unauthorized': {
    title: 'Der Hub hat das Token nicht akzeptiert',
    text: 'Das Token in den Einstellungen ist falsch, abgelaufen oder hat keinen Zugriff auf dieses Modell.',
  },
  'hub.gated': {
    title: 'Dieses Modell verlangt zuerst eine Zustimmung',
    text: 'Auf dem Hub mit dem eigenen Konto die Lizenz annehmen und ein Token dieses Kontos in den Einstellungen speichern.',
  },
  'hub.not_found': {
    title: 'Der Hub hat kein solches Modell',
    text: ({ repoId }) =>
      typeof repoId === 'string'
        ? `${repoId} gibt es auf dem Hub nicht, oder es ist privat.`
        : 'Der Name ist vielleicht falsch geschrieben, oder das Modell ist privat oder wurde entfernt.',
    reasons: {
      shard_missing: 'Auf dem Hub fehlt eine Teildatei (Shard) dieses Modells.',
      not_of_hub:
        'Das ist ein Name aus der Bibliothek von Ollama. Modelle des Hubs werden OWNER/NAME:QUANTIZATION geschrieben.',
      package: {
        title: 'Die npm-Registry hat kein solches Paket',
        text: ({ package: name }) => `Dort fehlt ${text(name, 'ein Paket dieses Namens')}.`,
      },
    },
  },
  'hub.rate_limited': {
    title: 'Zu viele Anfragen an den Hub',
    text: ({ retryAfterMs }) =>
      isNumber(retryAfterMs)
        ? `Der Hub nimmt von dieser Adresse vorerst keine weiteren an. In ${formatDuration(retryAfterMs)} erneut versuchen; ein Token erhöht die Grenze.`
        : 'Der Hub nimmt von dieser Adresse vorerst keine weiteren an. Einige Minuten warten; ein Token erhöht die Grenze.',
  },
  'hub.bad_response': {
    title: 'Unerwartete Antwort des Hubs',
    text: ({ status }) =>
      isNumber(status)
        ? `Der Hub hat mit Status ${String(status)} geantwortet. Das geht meist vorüber.`
        : 'Die Antwort war nicht lesbar. Das geht meist vorüber.',
    reasons: {
      npm_registry: {
        title: 'Unerwartete Antwort der npm-Registry',
        text: ({ status }) =>
          isNumber(status)
            ? `Sie hat mit Status ${String(status)} geantwortet. Das geht meist vorüber.`
            : 'Die Antwort war nicht lesbar. Das geht meist vorüber.',
      },
      package: {
        title: 'Das Paket ließ sich nicht entpacken',
        text: 'Sein Archiv ist beschädigt oder hat ein unbekanntes Format.',
      },
      ended_early: 'Die Verbindung ist mehrmals zu früh abgebrochen. Das geht meist vorüber.',
      size_differs: 'Die Datei hat eine andere Größe, als der Hub angibt.',
      wrong_range: 'Der Server hat einen anderen Teil der Datei gesendet als den angeforderten.',
      no_hash: 'Der Hub gibt für diese Datei keine Größe oder keine Prüfsumme an; sie lässt sich also nicht prüfen.',
    },
  },
  'hub.hash_mismatch': {
    title: 'Die Datei kam beschädigt an',
    text: 'Ihre Prüfsumme stimmt nicht mit der Angabe des Hubs überein; sie wurde deshalb verworfen.',
    reasons: {
      changed: 'Die Datei auf dem Hub hat sich geändert, seit sie aufgelistet wurde. Das Modell erneut öffnen.',
      package: {
        title: 'Das Paket kam beschädigt an',
        text: ({ package: name }) =>
          `${text(name, 'Das Paket')} weicht vom veröffentlichten Paket ab und wurde deshalb verworfen.`,
      },
    },
  },
  'hub.unsafe_name': {
    title: 'Diese Datei hat einen unsicheren Namen',
    text: 'Mit diesem Namen könnte sie außerhalb des Modellordners landen; sie wird deshalb nicht heruntergeladen.',
  },
};
