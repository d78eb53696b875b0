/** Words for errors of the API server, by their code and reason. */
import type { serverErrors as english } from '../en/server-errors.ts';
import { formatInteger } from '../format.ts';
import { text } from './error-facts.ts';

const invalidInput: (typeof english)['invalid_input'] = {
  too_many_names: {
    title: 'Es gibt zu viele Namen',
    text: 'Höchstens tausend Namen werden gespeichert. Namen entfernen, die kein Programm verwendet.',
  },
  template_options: 'Eine Option für das Chat-Template hat einen Namen, den das Template selbst braucht.',
  name_of_model: {
    title: 'Ein Modell heißt schon so',
    text: 'Programme, die danach fragen, erhalten weiterhin dieses Modell. Einen anderen Namen wählen.',
  },
  unknown_key: {
    title: 'Unbekannter Schlüssel',
    text: 'Kein Schlüssel dieses Servers lautet so: Er enthält einen Tippfehler oder wurde widerrufen.',
  },
  needs_key: {
    title: 'Der Server braucht zuerst einen Schlüssel',
    text: 'Andere Computer erreichen diese Adresse, daher muss jede Anfrage einen Schlüssel vorweisen. Einen Schlüssel erstellen oder nur diesen Computer zulassen.',
  },
  last_key: {
    title: 'Der Server braucht diesen Schlüssel',
    text: 'Andere Computer erreichen den Server, und dies ist der einzige Schlüssel. Zuerst einen weiteren erstellen oder den Server stoppen.',
  },
  unreadable_settings: {
    title: 'Die Einstellungen sind nicht lesbar',
    text: ({ where }) =>
      `Die Einstellungen des Programms sind beschädigt oder anders geschrieben (${text(where, 'Stelle unbekannt')}). Sie wurden nicht geändert: dort berichtigen oder die Zeilen von Hand kopieren.`,
  },
  older_settings: {
    title: 'Es gibt ältere Einstellungen',
    text: ({ older }) =>
      `Eine neue Datei würde ${text(older, 'die ältere')} daneben verdecken. Zuerst das Programm seine Einstellungen umwandeln lassen oder die Zeilen von Hand kopieren.`,
  },
};

const notFound: (typeof english)['not_found'] = {
  method: {
    title: 'Falsche Art des Aufrufs',
    text: 'Den Endpunkt gibt es, aber er erwartet eine andere HTTP-Methode.',
  },
};

const unsupported: (typeof english)['unsupported'] = {
  own_address: {
    title: 'Das ist Hearth selbst',
    text: 'Die Engine anderswo hat die Adresse dieses Servers. Die Adresse eines anderen Computers eintragen oder die Engine entfernen.',
  },
  ring: {
    title: 'Die Anfrage kam zurück',
    text: 'Server anderswo reichen Anfragen aneinander weiter, und eine davon kam wieder am Ausgangspunkt an. Ein Modell dieses Computers wählen.',
  },
  encoding: {
    title: 'Die Anfrage ist komprimiert',
    text: 'Der Server liest nur unkomprimierte Anfragen. Die Komprimierung im Programm abschalten.',
  },
  thread: {
    title: 'Gespräche werden nicht gespeichert',
    text: 'Der Server speichert keine Gespräche für Programme. Das Programm muss jedes Mal alle Nachrichten senden.',
  },
  no_compaction: 'Hearth kürzt keine Gespräche für Programme. Das Programm kann sie selbst zusammenfassen.',
  create: 'Diese Zeile eines Modelfiles verlangt etwas, das Hearth nicht kann.',
  no_blobs:
    'Programme können keine Modelldateien an Hearth senden. Die Datei ins Fenster ziehen oder ihren Ordner in den Einstellungen angeben.',
  no_push: 'Hearth veröffentlicht keine Modelle.',
  server_tool: 'Das Programm hat ein Tool verlangt, das bei Anthropic läuft. Tools des Programms selbst funktionieren.',
  media: 'Modelle lesen hier Text, und die Anfrage enthielt noch etwas anderes.',
  port_in_use: {
    title: 'Der Port ist belegt',
    text: ({ port }) =>
      `Port ${text(String(port ?? ''), '')} wird auf diesem Computer von einem anderen Programm verwendet. Einen anderen Port wählen oder das Programm beenden.`,
  },
  port_denied: {
    title: 'Der Port ist nicht erlaubt',
    // The number of a port is written without groups.
    text: ({ port }) =>
      `Port ${text(String(port ?? ''), '')} ist im System Administratoren vorbehalten. Einen Port über 1023 wählen.`,
  },
  no_such_interface: {
    title: 'Diese Adresse gibt es hier nicht',
    text: ({ host }) =>
      `Dieser Computer hat die Adresse ${text(host, 'aus den Einstellungen')} zurzeit nicht. Vielleicht ist ihr Netzwerk aus. Eine andere Adresse wählen.`,
  },
  no_settings_file:
    'Für dieses Programm gibt es keine Einstellungen, die Hearth schreiben darf. Was einzutragen ist, zeigt seine eigene Seite.',
};

const busy: (typeof english)['busy'] = {
  rate_limit: {
    title: 'Zu viele Anfragen mit diesem Schlüssel',
    text: ({ limit }) =>
      `Erlaubt sind ${formatInteger(Number(limit))} pro Minute. Dem Programm wurde mitgeteilt, wann es erneut anfragen kann.`,
  },
  token_limit: {
    title: 'Die Token des Schlüssels sind für heute verbraucht',
    text: ({ limit }) => `Erlaubt sind ${formatInteger(Number(limit))} pro Tag, gezählt ab Mitternacht UTC.`,
  },
  settings_changed: {
    title: 'Die Einstellungen wurden inzwischen geändert',
    text: 'Ein anderes Programm hat die Datei geschrieben, nachdem der Unterschied angezeigt wurde. Nichts wurde geschrieben. Den Unterschied noch einmal ansehen.',
  },
};

const unauthorized: (typeof english)['unauthorized'] = {
  no_key: {
    title: 'Es wurde kein Schlüssel gesendet',
    text: 'Der Server hat Schlüssel, daher braucht jede Anfrage einen.',
  },
  wrong_key: { title: 'Der Schlüssel ist falsch', text: 'Er enthält einen Tippfehler oder wurde widerrufen.' },
  scope: {
    title: 'Der Schlüssel darf das nicht',
    text: 'Seine Rechte schließen das nicht ein. Den Schlüssel bearbeiten, um es zu erlauben.',
  },
  host: {
    title: 'Aufruf unter einem anderen Namen',
    text: 'Das Programm hat einen Hostnamen verwendet, der nicht in der Liste steht. Den Namen in die Hostnamen aufnehmen, wenn er zu diesem Computer gehört.',
  },
  origin: {
    title: 'Aufruf von einer anderen Webseite',
    text: 'Eine Seite, die nicht in der Liste steht, hat den Server verwendet. Den Ursprung aufnehmen, wenn es eine eigene Seite ist.',
  },
};

export const serverErrors: typeof english = {
  invalid_input: invalidInput,
  not_found: notFound,
  unsupported,
  busy,
  unauthorized,
};
