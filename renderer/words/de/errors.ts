/**
 * The words for each error of the contract's closed table, by its code and facts. A code without words does not
 * compile.
 */
import type { ErrorCode } from '../../../preload/wire/errors.ts';
import type { ErrorWords } from '../en/error-facts.ts';
import type { errors as english } from '../en/errors.ts';
import { formatDuration, formatInteger, plural } from '../format.ts';
import { convertErrors } from './convert-errors.ts';
import { exchangeErrors } from './exchange-errors.ts';
import { atField, isNumber, roomWords, size, text } from './error-facts.ts';
import { hubErrors } from './hub-errors.ts';
import { notebookErrors } from './notebook.ts';
import { personaReasons } from './personas.ts';
import { promptReasons } from './prompts.ts';
import { serverErrors } from './server-errors.ts';
import { remoteErrors, remoteReasons } from './remote-errors.ts';

const byCode: Readonly<Record<ErrorCode, ErrorWords>> = {
  invalid_input: {
    title: 'Dieser Wert passt hier nicht',
    text: ({ field }) =>
      typeof field === 'string' && field !== '' ? `Der Wert von „${field}“ ist ungültig.` : 'Ein Wert ist ungültig.',
    reasons: {
      other_chat: 'Diese Nachricht gehört zu einem anderen Chat.',
      not_a_reply: 'Diese Nachricht ist keine Antwort.',
      queue_full: 'Es warten schon fünfzig Nachrichten. Zuerst einige davon senden oder entfernen.',
      calls_tools: 'Eine Antwort, die Tools aufruft, kann nicht bearbeitet werden.',
      not_cut: 'Diese Antwort wurde nicht abgeschnitten oder kann nicht fortgesetzt werden.',
      too_many_folders: ({ most }) => `Möglich sind ${formatInteger(Number(most))} Ordner. Zuerst einen davon löschen.`,
      too_many_tags: ({ most, name }) =>
        `Ein Chat kann ${formatInteger(Number(most))} Schlagwörter haben, und „${text(name, '')}“ hätte mehr. Es wurde nichts geändert.`,
      not_own_message: 'Nur eigene Nachrichten können bearbeitet werden.',
      empty_prompt: 'Der Prompt ist leer, es gibt also nichts fortzusetzen.',
      not_gguf: 'Das ist keine GGUF-Datei.',
      name_taken: 'Eine Datei dieses Namens gibt es hier schon. Zuerst diese löschen.',
      size_unknown: 'Die Größe der Datei fehlt oder ist ungültig.',
      size_differs: 'Die Datei ist länger als angekündigt.',
      no_body:
        'Das Fenster hat die Datei nicht übergeben. Die Datei mit „Dateien hinzufügen“ wählen oder ihren Ordner in den Einstellungen hinzufügen.',
      incomplete: 'Die Datei kam nicht vollständig an. Erneut versuchen.',
      folder_denied:
        'Hearth kann diesen Ordner nicht lesen. Einen anderen Ordner wählen oder die Berechtigungen ändern.',
      too_many_keys: 'Tasten können für 300 Befehle gewählt werden. Zuerst einige zurücksetzen.',
      is_models_folder: 'Das ist der Modellordner selbst; seine Modelle sind schon in der Liste.',
      proxy_password: 'Das Passwort des Proxys noch einmal eingeben: Es wurde nur für die alte Adresse gespeichert.',
      private_key: 'Das enthält einen privaten Schlüssel. Nur die Zertifikate einfügen.',
      no_certificate: 'Das enthält kein Zertifikat. Ein Zertifikat beginnt mit -----BEGIN CERTIFICATE-----.',
      bad_certificate: ({ place, count }) =>
        `Zertifikat ${formatInteger(Number(place))} von ${formatInteger(Number(count))} kann nicht gelesen werden.`,
      grammar: 'Die Grammatik konnte nicht verwendet werden.',
      grammar_too_deep: ({ rule, limit }) =>
        `Die Regel „${text(rule, '')}“ der Grammatik ist mehr als ${formatInteger(Number(limit))} Ebenen tief verschachtelt. Sie mit weniger Ebenen schreiben.`,
      grammar_too_large: ({ rule, limit }) =>
        `Mit ausgeschriebenen Wiederholungen hat die Grammatik mehr als ${formatInteger(Number(limit))} Elemente, die letzten davon in der Regel „${text(rule, '')}“. Weniger wiederholen.`,
      grammar_too_ambiguous: ({ limit }) =>
        `Die Grammatik lässt einen Text an einer Stelle auf mehr als ${formatInteger(Number(limit))} Arten weitergehen. Sie so schreiben, dass weniger Regeln denselben Text erlauben.`,
      grammar_character: ({ rule, character }) =>
        `Die Regel „${text(rule, '')}“ der Grammatik verlangt ${text(character, '')}, das in keinem Text vorkommt.`,
      grammar_token: ({ rule }) =>
        `Die Regel „${text(rule, '')}“ der Grammatik nennt ein Token des Vokabulars. Seinen Text in Anführungszeichen schreiben.`,
      grammar_repetition: ({ rule, least, most }) =>
        `Die Regel „${text(rule, '')}“ der Grammatik wiederholt etwas mindestens ${formatInteger(Number(least))}-mal und höchstens ${formatInteger(Number(most))}-mal.`,
      grammar_no_token:
        'An dieser Stelle erlaubt die Grammatik keinen Text, den dieses Modell schreiben kann. Was es davor geschrieben hat, bleibt erhalten.',
      grammar_left_recursion: ({ rule }) => `Die Regel „${text(rule, '')}“ der Grammatik beginnt mit sich selbst.`,
      schema: 'Das JSON-Schema konnte nicht verwendet werden.',
      schema_keyword: ({ keyword, place }) =>
        `„${text(keyword, '')}“ im JSON-Schema${text(place, '') === '' ? '' : ` (${text(place, '')})`} kann für eine Antwort nicht durchgesetzt werden. Ändern oder entfernen.`,
      grammar_and_tools: 'Eine Antwort kann einer Grammatik folgen oder ein Tool aufrufen, nicht beides.',
      tools: 'Die Tools konnten nicht verwendet werden.',
      too_many_files: ({ count, max }) =>
        `Aus dem Modell ${plural(Number(count), { one: 'würde # Datei', other: 'würden # Dateien' })}, mehr als die ${formatInteger(Number(max))}, die höchstens geschrieben werden. Größere Dateien wählen.`,
      output_exists:
        'Ein Modell dieses Namens wurde schon erstellt. Zuerst dieses löschen oder einen anderen Typ wählen.',
      too_long: 'In der Datei ist kein Platz für das Ergebnis der Prüfung.',
      not_json: ({ line, column }) =>
        `Kein gültiges JSON: siehe Zeile ${formatInteger(Number(line))}, Spalte ${formatInteger(Number(column))}.`,
      json_too_deep: 'Es ist zu tief verschachtelt.',
      nothing_to_summarize:
        'Noch gibt es nichts zusammenzufassen: Die neuesten Nachrichten und Antworten erhält das Modell immer im Wortlaut.',
      not_a_time: 'Eine Zeit wird wie 2026-01-31T12:00:00 geschrieben.',
      ...notebookErrors.invalid_input,
      ...serverErrors.invalid_input,
      ...exchangeErrors.invalid_input,
      empty_text: 'Einer der Texte ist leer, und ein leerer Text hat keinen Vektor. Diesen Text weglassen.',
      ...remoteReasons.invalid_input,
      ...personaReasons,
      ...promptReasons,
    },
  },
  not_found: {
    title: 'Nicht mehr vorhanden',
    text: 'Vielleicht wurde es inzwischen gelöscht.',
    reasons: {
      no_chat_template: {
        title: 'Dieses Modell hat kein Chat-Template',
        text: 'In seiner Datei ist keines: Das Modell setzt den Text fort, statt darauf zu antworten.',
      },
      not_queued: {
        title: 'Diese Nachricht wartet nicht mehr',
        text: 'Sie wurde inzwischen gesendet oder entfernt, vielleicht in einem anderen Fenster.',
      },
      nothing_to_verify: {
        title: 'Es gibt nichts zu prüfen',
        text: 'Noch wurde kein Modell heruntergeladen.',
      },
      ...notebookErrors.not_found,
      ...serverErrors.not_found,
      ...exchangeErrors.not_found,
    },
  },
  unsupported: {
    title: 'Das ist hier nicht möglich',
    text: ({ setting }) =>
      setting === 'kvCacheType'
        ? 'Der KV-Cache dieses Modells unterstützt diesen Speichertyp nicht.'
        : 'Hearth kann das auf diesem Computer oder mit diesem Modell nicht.',
    reasons: {
      fixed_by: ({ variable }) =>
        `Die Umgebungsvariable ${text(variable, '')} legt das fest. Hearth ohne sie starten, um hier zu wählen.`,
      not_gguf: ({ fileName }) =>
        `${text(fileName, 'Diese Datei')} ist keine GGUF-Datei. Hearth verwendet Modelle in diesem Format.`,
      desktop_only: 'Nur die Desktop-App kann Dateien und Ordner dieses Computers öffnen.',
      has_dialog: 'Die Desktop-App hat dafür einen Ordnerdialog.',
      last_session: 'Dieser Auftrag endete mit der letzten Sitzung. Ihn dort erneut starten, wo er begonnen wurde.',
      built_in: 'Das eingebaute Modell gehört zu Hearth und braucht fast keinen Speicherplatz. Es bleibt.',
      in_user_folder: 'Diese Datei liegt in einem eigenen Ordner. Hearth verwendet sie dort und löscht sie nie.',
      other_program: ({ program }) =>
        `Dieses Modell gehört zu ${text(program, 'einem anderen Programm')}. Hearth verwendet es an seinem Ort und löscht es nie.`,
      same_folder: 'Die Modelle sind schon in diesem Ordner.',
      nested_folder: 'Einer der beiden Ordner liegt im anderen. Einen Ordner daneben wählen.',
      folder_changed: 'Der Modellordner hat sich inzwischen geändert. Dieses Verschieben abbrechen.',
      linked_folder:
        'Der Ordner dieses Modells ist eine Verknüpfung mit einem anderen Ort. Hearth verwendet seine Dateien und löscht keine davon.',
      too_large_to_measure: 'Dieses Modell ist zu groß, um in Sekunden gemessen zu werden. Es verwendet alle Kerne.',
      nothing_to_measure: 'Die Geschwindigkeit dieses Modells kann nicht gemessen werden. Es behält seine Threads.',
      no_backends: 'Hier gibt es keine GPU-Bibliotheken zu installieren.',
      backend: 'llama.cpp hat kein solches Paket für diesen Computer.',
      attachments: ({ name }) => `Hearth kann Anhänge noch nicht lesen: ${text(name, '')}.`,
      modality: ({ name }) => `Dieses Modell kann ${text(name, 'diese Datei')} nicht lesen.`,
      release: ({ release }) =>
        `Diese Version von Hearth kann mit den installierten llama.cpp-Bibliotheken${typeof release === 'string' ? ` (Release ${release})` : ''} nicht quantisieren. Hearth neu installieren, mit den zugehörigen Bibliotheken.`,
      layout:
        'Die installierten llama.cpp-Bibliotheken sind anders aufgebaut als die, die Hearth kennt. Hearth neu installieren, mit den zugehörigen Bibliotheken.',
      library_missing: 'Die llama.cpp-Bibliotheken fehlen oder sind unvollständig. Hearth neu installieren.',
      platform: 'Für diese Art von Computer gibt es keine llama.cpp-Bibliotheken.',
      no_summary:
        'Das Modell hat keine Zusammenfassung geschrieben. Erneut versuchen oder für diesen Chat ein anderes Modell wählen.',
      no_room_for_summary:
        'Der Kontext dieses Modells ist zu klein für eine Zusammenfassung. Eine größere Kontextgröße wählen.',
      not_there_yet: 'Diese Version von Hearth kann das noch nicht.',
      no_auxiliary_files: 'Adapter und Entwurfsmodelle können hier nicht geladen werden.',
      ...notebookErrors.unsupported,
      ...serverErrors.unsupported,
      ...remoteReasons.unsupported,
    },
  },
  cancelled: {
    title: 'Gestoppt',
    text: 'Es wurde vor dem Ende gestoppt.',
    reasons: { unloaded: 'Das Modell wurde entladen, während es geladen wurde.' },
  },
  busy: {
    title: 'Etwas anderes läuft gerade',
    text: 'Warten, bis es fertig ist, dann erneut versuchen.',
    reasons: {
      key_revoked: 'Der Schlüssel öffnet nichts mehr. Das wird gespeichert, sobald die Datenbank frei ist.',
      summary_running: 'Dieses Gespräch wird gerade zusammengefasst.',
      reply_running:
        'In diesem Chat wird gerade eine Antwort geschrieben. Sie stoppen oder warten, bis sie fertig ist.',
      queue_full: ({ waiting }) =>
        isNumber(waiting)
          ? `Auf dieses Modell ${plural(waiting, { one: 'wartet schon # Anfrage', other: 'warten schon # Anfragen' })}. Später erneut versuchen.`
          : 'Auf dieses Modell warten zu viele Anfragen. Später erneut versuchen.',
      preempted: 'Die Antwort hat einer anderen Platz gemacht und kann nicht fortgesetzt werden. Erneut versuchen.',
      stop_unanswered: {
        title: 'Das Modell hat nicht rechtzeitig gestoppt',
        text: 'Es antwortet seit Sekunden nicht. Bleibt es stumm, beendet Hearth es. Was geschrieben wurde, bleibt erhalten.',
      },
      model_writing: 'Das Modell schreibt gerade. Erneut versuchen, wenn es fertig ist.',
      memory_in_use:
        'Ein anderes Modell ist in Gebrauch, und der Arbeitsspeicher reicht nicht für beide. Erneut versuchen, wenn das andere fertig ist.',
      output_in_use: 'Dieselbe Konvertierung läuft schon. „Downloads“ zeigt, wie weit sie ist.',
      conversion_active: 'Dieselbe Konvertierung läuft schon. „Downloads“ zeigt, wie weit sie ist.',
      job_active: 'Der Auftrag läuft noch. Zuerst den Auftrag abbrechen.',
      download_active: 'Ein Download läuft. Erst sein Ende abwarten oder ihn abbrechen, dann die Modelle verschieben.',
      downloading: 'Dateien dieses Modells werden gerade heruntergeladen. Zuerst den Download abbrechen.',
      moving: 'Die Modelle werden gerade verschoben. Warten, bis das fertig ist.',
      move_active: 'Ein Verschieben ist noch nicht beendet. Es fortsetzen oder abbrechen, dann ein anderes starten.',
      model_in_use: 'Das Modell ist in Gebrauch. Zuerst seine Antworten stoppen oder es entladen.',
      models_loaded: 'Ein Modell aus diesem Ordner ist geladen. Zuerst dieses Modell entladen.',
      database: 'Die Datenbank ist beschäftigt. Erneut versuchen.',
      open_files: {
        title: 'Zu viele Dateien sind offen',
        text: 'Auf diesem Computer darf Hearth im Moment keine weiteren Dateien öffnen. Andere Programme schließen, dann erneut versuchen.',
      },
      too_many_requests: 'Diese Seite hat zu viele offene Anfragen. Erneut versuchen.',
      ...serverErrors.busy,
      ...remoteReasons.busy,
    },
  },
  internal: {
    title: 'In Hearth ist etwas schiefgegangen',
    text: 'Es liegt an einem Fehler in Hearth. Ein neuer Versuch kann helfen.',
  },
  unauthorized: {
    title: 'Diese Seite ist nicht angemeldet',
    text: 'Hearth mit der Adresse öffnen, die es beim Start ausgegeben hat.',
    reasons: { ...serverErrors.unauthorized, ...remoteReasons.unauthorized },
  },
  disconnected: {
    title: 'Keine Verbindung zu Hearth',
    text: 'Die App antwortet nicht. Die Seite verbindet sich von selbst wieder.',
  },
  ...hubErrors,
  ...remoteErrors,
  'cache.locked': {
    title: 'Ein anderes Programm schreibt diese Datei',
    text: 'Warten, bis es fertig ist, oder den anderen Download beenden.',
  },
  'disk.full': {
    title: 'Der Datenträger ist voll',
    text: ({ neededBytes, freeBytes }) =>
      isNumber(neededBytes) && isNumber(freeBytes)
        ? `Gebraucht werden ${size(neededBytes)}, frei sind ${size(freeBytes)}. Modelle löschen, die nicht mehr gebraucht werden.`
        : 'Speicherplatz freigeben, etwa durch Löschen nicht mehr gebrauchter Modelle.',
    reasons: {
      database: 'Speicherplatz freigeben. Bis dahin behält Hearth ungespeicherte Änderungen im Arbeitsspeicher.',
      key_revoked:
        'Der Schlüssel öffnet nichts mehr. Speicherplatz freigeben, bevor Hearth endet, sonst ist er beim nächsten Start wieder da.',
      moving: 'Der neue Ordner hat zu wenig Speicherplatz. Die Modelle sind noch im alten.',
    },
  },
  'disk.denied': {
    title: 'Hearth kann dort nicht schreiben',
    text: 'Der Ordner erlaubt es nicht. Einen anderen Ordner wählen oder die Berechtigungen ändern.',
    reasons: {
      data_folder: 'Hearth kann nicht in seinen Datenordner schreiben. Dessen Berechtigungen ändern.',
      key_revoked:
        'Der Schlüssel öffnet nichts mehr, aber der Datenordner nimmt keine Änderungen an. Das beheben, bevor Hearth endet, sonst ist der Schlüssel beim nächsten Start wieder da.',
      disk_failed:
        'Der Datenträger mit dem Datenordner konnte nicht gelesen oder beschrieben werden. Er ist vielleicht defekt oder getrennt.',
      file_too_large:
        'Dieses Laufwerk kann keine Datei dieser Größe aufnehmen (FAT32 endet bei 4\u00a0GB). Einen anderen Ordner wählen.',
      chosen_folder_missing: ({ name }) =>
        `${text(name, '') === '' ? 'Der gewählte Ordner' : `Der Ordner „${text(name, '')}“`} ist nicht vorhanden oder nicht beschreibbar. Sein Laufwerk ist vielleicht getrennt.`,
      folder_missing: 'Der Modellordner fehlt. Sein Laufwerk ist vielleicht getrennt.',
      system: {
        title: 'Der Datenträger meldet einen Fehler',
        text: ({ detail }) =>
          `Er ist vielleicht defekt oder getrennt, oder der Pfad ist falsch. Das System meldet: ${text(detail, 'Fehler')}.`,
      },
      unreadable: {
        title: 'Diese Datei kann nicht gelesen werden',
        text: ({ detail }) =>
          `Vielleicht erlauben es ihre Berechtigungen nicht, oder ihr Laufwerk ist defekt (${text(detail, 'kein Grund bekannt')}). Das beheben, dann erneut versuchen.`,
      },
      unreliable: 'Der Ordner gibt nicht zurück, was geschrieben wurde. Sein Datenträger ist vielleicht defekt.',
    },
  },
  'model.missing': {
    title: 'Das Modell ist nicht mehr da',
    text: 'Seine Datei wurde verschoben oder gelöscht. Es erneut herunterladen oder ein anderes Modell wählen.',
    reasons: {
      no_model: 'Dieser Chat hat noch kein Modell. Eines wählen.',
      ...remoteReasons.missing,
    },
  },
  'model.corrupt': {
    title: 'Die Modelldatei ist beschädigt',
    text: 'Sie ist unvollständig oder kein Modell. Sie erneut herunterladen.',
    reasons: {
      hash: 'Ihr Inhalt weicht von der Datei auf dem Hub ab. Sie erneut herunterladen.',
      shards_missing: {
        title: 'Dateien dieses Modells fehlen',
        text: ({ missingShards, shardCount }) =>
          isNumber(missingShards) && isNumber(shardCount)
            ? `${formatInteger(missingShards)} von ${plural(shardCount, { one: '# Datei', other: '# Dateien' })} ${plural(missingShards, { one: 'fehlt', other: 'fehlen' })}. Das Modell erneut herunterladen.`
            : 'Einige seiner Dateien sind nicht hier. Das Modell erneut herunterladen.',
      },
      not_gguf: { title: 'Diese Datei ist kein Modell', text: 'Sie ist keine GGUF-Datei.' },
      header: ({ field }) => `Ihr GGUF-Header ist beschädigt${atField(field)}. Sie erneut herunterladen.`,
      missing_key: ({ field }) =>
        `In ihrem Header fehlt ${text(field, 'ein Wert')}. Ohne diese Angabe kann sie nicht geladen werden. Sie erneut herunterladen.`,
      missing_tensor: ({ field }) =>
        `Ihr fehlt der Tensor ${text(field, 'einer Schicht')}, den ihre Architektur braucht. Sie erneut herunterladen.`,
      wrong_size: ({ field }) => `Ihr Header widerspricht sich${atField(field)}. Sie erneut herunterladen.`,
      no_architecture: 'Ihr GGUF-Header nennt keine Architektur.',
      shard_alone: {
        title: 'Das ist eine von mehreren Dateien',
        text: ({ shardNumber, shardCount }) =>
          `${isNumber(shardNumber) && isNumber(shardCount) ? `Es ist Datei ${formatInteger(shardNumber)} von ${formatInteger(shardCount)} eines Modells` : 'Es ist eine Datei eines Modells'}. In ihrem Ordner fehlen andere davon, oder dort liegen mehrere solche Modelle, deren Namen nicht zeigen, welche Dateien zusammengehören. Alle Dateien eines Modells in einen eigenen Ordner legen oder das Modell erneut herunterladen.`,
      },
      shards_pasted: {
        title: 'Mehrere Dateien wurden aneinandergehängt',
        text: 'Die Dateien eines geteilten Modells lassen sich nicht durch Aneinanderhängen verbinden. Sie mit llama-gguf-split --merge verbinden oder das Modell erneut herunterladen.',
      },
      split_stale: {
        title: 'Laut ihrem Header ist das eine von mehreren Dateien',
        text: 'Sie enthält das ganze Modell, aber die Engine richtet sich nach dem Header und sucht die anderen Dateien. Das Modell erneut konvertieren oder eine andere Datei herunterladen.',
      },
      shards_mixed: {
        title: 'Die Dateien gehören nicht zusammen',
        text: ({ name, tensor }) =>
          `${
            typeof tensor === 'string'
              ? `Zwei von ihnen enthalten den Tensor ${tensor}.`
              : typeof name === 'string'
                ? `${name} ist eine andere Datei eines Modells, als ihr Name sagt.`
                : 'Zusammen enthalten sie nicht alle Tensoren des Modells.'
          } Das Modell erneut herunterladen.`,
      },
      changed: 'Die Datei ist kürzer, als ihr Header sagt, oder wurde beim Lesen verändert.',
    },
  },
  'model.unsupported': {
    title: 'Dieses Modell läuft noch nicht',
    text: 'Die Engine unterstützt seine Architektur nicht.',
    reasons: {
      big_endian: 'Diese GGUF-Datei ist Big-Endian. Nur Little-Endian-Dateien können laufen.',
      gguf_version: 'Diese GGUF-Datei hat Version 1, die llama.cpp nicht mehr liest. Eine neuere Konvertierung suchen.',
      adapter:
        'Diese Datei ist ein Adapter (LoRA), kein eigenständiges Modell. Sie in den Ladeeinstellungen eines Modells wählen.',
      draft: 'Diese Datei sagt nur Token für ein anderes Modell voraus. Sie ist kein eigenständiges Modell.',
      vocoder:
        'Diese Datei ist ein Vocoder: Er macht Klang aus dem, was ein Modell für Sprachausgabe schreibt. Sie ist kein eigenständiges Modell.',
      imatrix:
        'Diese Datei ist eine Wichtigkeitsmatrix, mit der Modelle quantisiert werden. In ihr gibt es nichts auszuführen.',
      projector:
        'Diese Datei ist ein Projektor, mit dem ein Modell Bilder sehen oder Ton hören kann. Sie ist kein eigenständiges Modell.',
      no_links:
        'Die Engine findet die Dateien dieses Modells nicht anhand ihrer Namen, und dieses System erlaubt keine Verknüpfungen mit ihnen. Den Dateien Namen geben, die auf -00001-of-00002.gguf usw. enden.',
      vocabulary: ({ detail }) =>
        `Die Engine kann sein Vokabular nicht lesen${typeof detail === 'string' ? ` (${detail})` : ''}.`,
      no_layers: 'Diese GGUF-Datei hat keine Schichten, es gibt also nichts auszuführen.',
      unknown_architecture: ({ architecture }) =>
        `Die Engine kennt seine Architektur${architecture ? ` ${text(architecture, '')}` : ''} nicht. Eine neuere Version von Hearth vielleicht schon.`,
      header_too_long: ({ field }) =>
        `Der Header dieser Datei ist länger, als ein Modell ihn braucht${atField(field)}.`,
      not_a_draft: ({ name }) =>
        `${text(name, 'Das Entwurfsmodell')} ist kein Modell und kann keine Token entwerfen. In den Ladeeinstellungen ein anderes wählen.`,
      not_an_adapter: ({ name }) => `${text(name, 'Eine Datei')} ist kein Adapter. In den Ladeeinstellungen entfernen.`,
      not_an_imatrix: ({ name }) => `${text(name, 'Diese Datei')} ist keine Wichtigkeitsmatrix. Eine andere wählen.`,
    },
  },
  'engine.out_of_memory': {
    title: 'Nicht genug Speicher für dieses Modell',
    text: ({ neededBytes }) =>
      `${isNumber(neededBytes) ? `Es braucht ${size(neededBytes)}. ` : ''}Andere Programme schließen, andere Modelle entladen oder eine kleinere Quantisierung wählen.`,
    reasons: {
      other_models:
        'Die geladenen Modelle lassen zu wenig Speicher dafür frei. Eines entladen oder eine kleinere Quantisierung wählen.',
    },
  },
  'engine.crashed': {
    title: 'Die Engine wurde unerwartet beendet',
    text: 'Die Chats sind sicher. Bei einem neuen Versuch wird das Modell wieder geladen.',
    reasons: {
      grammar_hang:
        'Die Engine hat zu lange nach einem Token gesucht, das die Grammatik erlaubt, und wurde gestoppt. Die Grammatik vereinfachen.',
      hang: 'Die Engine hat nicht mehr geantwortet und wurde gestoppt. Bei einem neuen Versuch wird das Modell wieder geladen.',
      disconnected:
        'Die Engine hat ihre Verbindung verloren und wurde gestoppt. Bei einem neuen Versuch wird das Modell wieder geladen.',
      unloaded: {
        title: 'Das Modell wurde entladen',
        text: 'Es wurde entladen oder neu geladen, während diese Antwort geschrieben wurde.',
      },
      SIGILL:
        'Die Engine hat einen Befehl verwendet, den dieser Prozessor nicht hat. Ein anderes Modell oder eine andere Quantisierung kann helfen.',
      SIGKILL:
        'Das System hat die Engine beendet, meist weil der Arbeitsspeicher nicht reichte. Die Chats sind sicher.',
      SIGBUS: 'Die Engine konnte die Modelldatei nicht lesen. Das Laufwerk ist vielleicht getrennt oder defekt.',
      SIGSEGV:
        'Die Engine ist abgestürzt. Die Chats sind sicher. Bei einem neuen Versuch wird das Modell wieder geladen.',
      SIGABRT:
        'Die Engine wurde wegen eines internen Fehlers beendet. Bei einem neuen Versuch wird das Modell wieder geladen.',
      SIGFPE:
        'Die Engine hat eine ungültige Berechnung ausgeführt und wurde beendet. Bei einem neuen Versuch wird das Modell wieder geladen.',
      gpu: 'Die Grafikkarte oder ihr Treiber ist ausgefallen. Weniger Schichten auf der GPU können helfen.',
    },
  },
  'engine.start_failed': {
    title: 'Die Engine startet nicht',
    text: 'Wenn ein neuer Versuch nicht hilft, Hearth neu installieren.',
    reasons: {
      library_missing: 'Auf diesem Computer fehlt eine Bibliothek, die die Engine braucht.',
      'no answer': 'Der Grafiktreiber hat nicht geantwortet.',
    },
  },
  'engine.not_loaded': { title: 'Kein Modell ist geladen', text: 'Zum Fortsetzen ein Modell wählen.' },
  'engine.context_full': {
    title: 'Das Gespräch ist länger, als das Modell fassen kann',
    text: (facts) =>
      `${roomWords(facts)}Die ältesten Nachrichten weglassen, einen neuen Chat beginnen oder eine größere Kontextgröße oder ein anderes Modell verwenden.`,
    reasons: {
      message_too_long: {
        title: 'Die Nachricht ist länger, als das Modell fassen kann',
        text: (facts) =>
          `${roomWords(facts)}Die Nachricht kürzen oder eine größere Kontextgröße oder ein anderes Modell verwenden.`,
      },
    },
  },
  'template.invalid': {
    title: 'Das Chat-Template dieses Modells funktioniert nicht',
    text: ({ detail, limitMs }) =>
      isNumber(limitMs)
        ? `Es wurde nicht innerhalb von ${formatDuration(limitMs)} fertig.`
        : text(detail, '') === ''
          ? 'Das Template fehlt oder ist fehlerhaft. Eine einfache Form reicht vielleicht; ein Basismodell setzt Text nur fort.'
          : `Es meldet „${text(detail, '')}“. Eine einfache Form reicht vielleicht.`,
  },
  ...convertErrors,
  'store.newer_schema': {
    title: 'Diese Daten stammen von einem neueren Hearth',
    text: 'Hearth aktualisieren, um sie zu öffnen. Es wurde nichts geändert.',
  },
  'store.corrupt': {
    title: 'Die Datenbank ist beschädigt',
    text: 'Hearth konnte sie nicht lesen. Hearth erneut starten: Dann rettet es, was noch lesbar ist.',
    reasons: {
      not_a_database:
        'Die Datei hearth.db ist keine Datenbank, oder ihr Anfang ist beschädigt. Eine Kopie an ihre Stelle legen.',
      foreign:
        'Die Datei hearth.db wurde nicht von Hearth geschrieben oder ist beschädigt. Eine Kopie an ihre Stelle legen.',
      not_a_file: 'An der Stelle der Datei hearth.db ist ein Ordner. Ihn an einen anderen Ort verschieben.',
      empty: ({ copy }) => `Die Datei hearth.db ist leer. Die Kopie ${String(copy)} an ihre Stelle legen.`,
      migration: ({ backup }) =>
        typeof backup === 'string'
          ? `Hearth konnte sie nicht in das Format dieser Version überführen. Die Kopie des vorherigen Stands ist ${backup} im Datenordner.`
          : 'Hearth konnte sie nicht in das Format dieser Version überführen.',
    },
  },
  'store.in_use': {
    title: 'Hearth läuft schon',
    text: 'Ein anderes Hearth verwendet denselben Datenordner. Zuerst dieses schließen.',
  },
};

/** The network works, and trying again would not help. Not only the Hub is left alone: the npm registry is as well. */
const offlineByChoice: ErrorWords = {
  title: 'Der Offline-Modus ist an',
  text: ({ variable }) =>
    `${text(variable, 'HEARTH_OFFLINE')} ist gesetzt, deshalb lädt Hearth nichts herunter. Hearth ohne diese Variable starten, um online zu gehen.`,
};

export const errors: typeof english = {
  byCode,
  offlineByChoice,
  /** A title before more text. */
  asSentence: (title) => `${title}.`,
  whatHappened: 'Was geschehen ist',
  code: 'Code',
  yes: 'ja',
  no: 'nein',
  /** Names of facts in the details. Other facts are named after their field. */
  facts: {
    neededBytes: 'Gebraucht',
    freeBytes: 'Frei',
    reason: 'Grund',
    repoId: 'Repository',
    path: 'Datei',
    status: 'Status',
    host: 'Host',
    proxy: 'Proxy',
    loginHost: 'Anmeldeseite',
    variable: 'Variable',
    cause: 'Ursache',
    field: 'Feld',
    file: 'Datei',
    tensor: 'Tensor',
    expected: 'Erwartet',
    found: 'Gefunden',
    key: 'Schlüssel',
    count: 'Probleme',
  },
};
