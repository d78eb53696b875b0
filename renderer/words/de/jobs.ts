/** Jobs: their titles, progress, results and failures. */
import type { ConversionPhase, Job, JobDetail } from '../../../preload/contract/jobs.ts';
import type { jobs as english } from '../en/jobs.ts';
import { formatBytes, formatInteger, formatPercent, plural } from '../format.ts';
import { convert } from './convert.ts';

type Titled = Pick<Job, 'kind' | 'subject'>;

/** The title of a job. */
function title({ kind, subject }: Titled): string {
  switch (kind) {
    case 'download':
      return subject ?? 'Download';
    case 'verify':
      return subject === null ? 'Alle Modelle prüfen' : `${subject} prüfen`;
    case 'move':
      return 'Modelle verschieben';
    case 'limit':
      return 'Größenlimit der Modelle einhalten';
    case 'backend':
      return backendTitle(subject);
    case 'convert':
      return subject === null ? 'Modell konvertieren' : `${subject} konvertieren`;
    case 'quantize':
      return subject === null ? 'Modell quantisieren' : `${subject} quantisieren`;
    case 'imatrix':
      return subject === null ? 'Wichtigkeitsmatrix' : `Wichtigkeitsmatrix von ${subject}`;
    case 'measure':
      return subject === null ? 'Modelle messen' : `An ${subject} messen`;
    case 'verify_model':
      return subject === null ? 'Modell prüfen' : `${subject} prüfen`;
    case 'adapter':
      return subject === null ? 'Adapter konvertieren' : `Adapter ${subject} konvertieren`;
    case 'split':
      return subject === null ? 'Modell aufteilen' : `${subject} aufteilen`;
    case 'merge':
      return subject === null ? 'Dateien eines Modells zusammenfügen' : `Dateien von ${subject} zusammenfügen`;
    case 'export':
      return subject === null ? 'Modell exportieren' : `${subject} als safetensors exportieren`;
    default:
      return kind satisfies never;
  }
}

/** A job that is not a download, as the object of a phrase; without an article, so that it fits any case. */
function noun({ kind, subject }: Titled): string {
  switch (kind) {
    case 'download':
      return subject ?? 'Download';
    case 'verify':
      return subject === null ? 'Prüfung aller Modelle' : `Prüfung von ${subject}`;
    case 'move':
      return 'Umzug der Modelle';
    case 'limit':
      return 'Aufräumen für das Größenlimit';
    case 'backend':
      return `Installation der ${backendTitle(subject)}`;
    case 'convert':
      return subject === null ? 'Konvertierung' : `Konvertierung von ${subject}`;
    case 'quantize':
      return subject === null ? 'Quantisierung' : `Quantisierung von ${subject}`;
    case 'imatrix':
      return 'Erstellung der Wichtigkeitsmatrix';
    case 'measure':
      return 'Messung';
    case 'verify_model':
      return subject === null ? 'Prüfung eines Modells' : `Prüfung von ${subject}`;
    case 'adapter':
      return 'Konvertierung des Adapters';
    case 'split':
      return subject === null ? 'Aufteilung' : `Aufteilung von ${subject}`;
    case 'merge':
      return 'Zusammenfügen der Dateien';
    case 'export':
      return subject === null ? 'Export' : `Export von ${subject}`;
    default:
      return kind satisfies never;
  }
}

/** The sentence for a job that failed. */
function failed({ kind, subject }: Titled): string {
  switch (kind) {
    case 'download':
      return subject === null ? 'Der Download ist fehlgeschlagen' : `${subject} wurde nicht heruntergeladen`;
    case 'verify':
      return subject === null ? 'Die Modelle konnten nicht geprüft werden' : `${subject} konnte nicht geprüft werden`;
    case 'move':
      return 'Die Modelle wurden nicht verschoben';
    case 'limit':
      return 'Das Größenlimit konnte nicht eingehalten werden';
    case 'backend':
      return `Die ${backendTitle(subject)} wurde nicht installiert`;
    case 'convert':
      return subject === null ? 'Die Konvertierung ist fehlgeschlagen' : `${subject} wurde nicht konvertiert`;
    case 'quantize':
      return subject === null ? 'Die Quantisierung ist fehlgeschlagen' : `${subject} wurde nicht quantisiert`;
    case 'imatrix':
      return 'Die Wichtigkeitsmatrix wurde nicht erstellt';
    case 'measure':
      return 'Die Modelle wurden nicht gemessen';
    case 'verify_model':
      return subject === null ? 'Das Modell konnte nicht geprüft werden' : `${subject} konnte nicht geprüft werden`;
    case 'adapter':
      return subject === null
        ? 'Der Adapter wurde nicht konvertiert'
        : `Der Adapter ${subject} wurde nicht konvertiert`;
    case 'split':
      return subject === null ? 'Das Modell wurde nicht aufgeteilt' : `${subject} wurde nicht aufgeteilt`;
    case 'merge':
      return subject === null
        ? 'Die Dateien wurden nicht zusammengefügt'
        : `Die Dateien von ${subject} wurden nicht zusammengefügt`;
    case 'export':
      return subject === null ? 'Das Modell wurde nicht exportiert' : `${subject} wurde nicht exportiert`;
    default:
      return kind satisfies never;
  }
}

/** Feminine and without an article. */
function backendTitle(backend: string | null): string {
  switch (backend) {
    case 'cuda':
      return 'GPU-Unterstützung für NVIDIA (CUDA)';
    case 'vulkan':
      return 'GPU-Unterstützung für AMD, Intel und NVIDIA (Vulkan)';
    default:
      return 'GPU-Unterstützung';
  }
}

/** A running or waiting job in one phrase, used as a heading. */
function atWork(job: Pick<Job, 'kind' | 'subject' | 'state'>): string {
  switch (job.state) {
    case 'queued':
      return `${title(job)}: in der Warteschlange`;
    case 'waiting':
      return `${title(job)}: wartet auf Speicherplatz`;
    default:
      return doing(job);
  }
}

function doing(job: Titled): string {
  switch (job.kind) {
    case 'download':
      return job.subject === null ? 'Wird heruntergeladen' : `${job.subject} wird heruntergeladen`;
    case 'verify':
      return job.subject === null ? 'Alle Modelle werden geprüft' : `${job.subject} wird geprüft`;
    case 'move':
      return 'Die Modelle werden verschoben';
    case 'limit':
      return 'Platz wird freigegeben, um das Größenlimit einzuhalten';
    case 'backend':
      return `${backendTitle(job.subject)} wird heruntergeladen`;
    case 'convert':
      return job.subject === null ? 'Ein Modell wird konvertiert' : `${job.subject} wird konvertiert`;
    case 'quantize':
      return job.subject === null ? 'Ein Modell wird quantisiert' : `${job.subject} wird quantisiert`;
    case 'imatrix':
      return 'Eine Wichtigkeitsmatrix wird erstellt';
    case 'measure':
      return 'Modelle werden gemessen';
    case 'verify_model':
      return job.subject === null ? 'Ein Modell wird geprüft' : `${job.subject} wird geprüft`;
    case 'adapter':
      return job.subject === null ? 'Ein Adapter wird konvertiert' : `Der Adapter ${job.subject} wird konvertiert`;
    case 'split':
      return job.subject === null ? 'Ein Modell wird aufgeteilt' : `${job.subject} wird aufgeteilt`;
    case 'merge':
      return job.subject === null
        ? 'Die Dateien eines Modells werden zusammengefügt'
        : `Die Dateien von ${job.subject} werden zusammengefügt`;
    case 'export':
      return job.subject === null ? 'Ein Modell wird exportiert' : `${job.subject} wird exportiert`;
    default:
      return job.kind satisfies never;
  }
}

/** The current or last step of a job. */
function detail(of: JobDetail): string {
  switch (of.code) {
    case 'locked_elsewhere':
      return 'Ein anderes Programm lädt diese Datei gerade herunter';
    case 'retrying':
      return 'Die Verbindung ist fehlgeschlagen, gleich folgt ein neuer Versuch';
    case 'hashing':
      return `Wird geprüft, ${formatPercent(of.percent / 100)}`;
    case 'comparing':
      return `Der Hash stimmt nicht: Vergleich mit dem Hub, ${formatPercent(of.percent / 100)}`;
    case 'verified':
      return verified(of);
    case 'moving':
      return `${of.folder} wird verschoben`;
    case 'removing_old_folder':
      return 'Der alte Ordner wird entfernt';
    case 'files_left':
      return plural(of.count, {
        one: '# Datei bleibt im alten Ordner',
        other: '# Dateien bleiben im alten Ordner',
      });
    case 'evicted':
      return evicted(of);
    case 'used_from_next_load':
      return 'Gilt ab dem nächsten Laden';
    case 'conversion':
      return conversionStep(of);
    case 'converted':
      return converted(of);
    case 'imatrix':
      return plural(of.chunkCount, {
        one: 'Aus # Textabschnitt erstellt',
        other: 'Aus # Textabschnitten erstellt',
      });
    case 'measured':
      return 'Die Tabelle ist fertig';
    case 'adapter':
      return `${formatBytes(of.sizeBytes)}. Auswählbar unter „Adapter“ in den Ladeeinstellungen des Basismodells.`;
    case 'exported':
      return exported(of);
    default:
      return of satisfies never;
  }
}

/** The result of a job that is not a model. */
function ending(job: Pick<Job, 'kind' | 'subject' | 'detail'>): string {
  const found = job.detail === null ? '' : detail(job.detail);
  if (found !== '') return found;
  switch (job.kind) {
    case 'verify':
      return job.subject === null ? 'Alle Dateien sind intakt' : `Alle Dateien von ${job.subject} sind intakt`;
    case 'limit':
      return 'Die Modelle halten das Größenlimit ein';
    case 'move':
      return 'Der Modellordner wurde verschoben';
    case 'backend':
      return `Die ${title(job)} ist installiert`;
    case 'download':
    case 'convert':
    case 'quantize':
    case 'imatrix':
    case 'measure':
    case 'verify_model':
    case 'adapter':
    case 'split':
    case 'merge':
    case 'export':
      return title(job);
    default:
      return job.kind satisfies never;
  }
}

function conversionStep(of: Extract<JobDetail, { code: 'conversion' }>): string {
  const step = phaseOf(of.phase);
  const counted = of.count === 0 ? step : `${step}, ${formatInteger(of.index)} von ${formatInteger(of.count)}`;
  return of.name === null ? counted : `${counted}: ${of.name}`;
}

function phaseOf(phase: ConversionPhase): string {
  switch (phase) {
    case 'checking':
      return 'Lesen der Header';
    case 'downloading':
      return 'Download';
    case 'converting':
      return 'Konvertierung';
    case 'imatrix':
      return 'Erstellung der Wichtigkeitsmatrix';
    case 'quantizing':
      return 'Quantisierung';
    case 'measuring':
      return 'Messung';
    case 'copying':
      return 'Schreiben der Dateien';
    case 'verifying':
      return 'Prüfung des Ergebnisses';
    default:
      return phase satisfies never;
  }
}

function converted({ sizeBytes, verification }: Extract<JobDetail, { code: 'converted' }>): string {
  if (verification === null) return `Fertig, ${formatBytes(sizeBytes)}. Nicht geprüft.`;
  const result = verification.result === 'passed' ? 'Geprüft' : 'Die Prüfung ist fehlgeschlagen';
  return `${formatBytes(sizeBytes)}. ${result}. ${convert.found(verification)}`;
}

function exported(of: Extract<JobDetail, { code: 'exported' }>): string {
  const written = `${plural(of.fileCount, { one: '# Datei', other: '# Dateien' })}, ${formatBytes(of.sizeBytes)}, in ${of.folder}.`;
  return of.hasTokenizer ? written : `${written} Die Dateien des Tokenizers aus dem Original-Repository hinzufügen.`;
}

function verified(found: Extract<JobDetail, { code: 'verified' }>): string {
  const { checkedCount, damaged, damagedCount, unverifiableCount } = found;
  const unverifiable =
    unverifiableCount === 0
      ? ''
      : plural(unverifiableCount, {
          one: '# Datei lässt sich nicht prüfen.',
          other: '# Dateien lassen sich nicht prüfen.',
        });
  if (damagedCount === 0) {
    const intact = plural(checkedCount, { one: 'Die Datei ist intakt.', other: 'Alle # Dateien sind intakt.' });
    return `${checkedCount === 0 ? '' : intact} ${unverifiable}`.trim();
  }
  const more = damagedCount > damaged.length ? ` und ${formatInteger(damagedCount - damaged.length)} weitere` : '';
  const are = plural(damagedCount, { one: '# Datei ist beschädigt', other: '# Dateien sind beschädigt' });
  return `${are}: ${damaged.join(', ')}${more}. Zum Reparieren erneut herunterladen. ${unverifiable}`.trim();
}

function evicted(of: Extract<JobDetail, { code: 'evicted' }>): string {
  const said = of.evicted.map(
    ({ name, freedBytes }) =>
      `Gelöscht, um das Limit einzuhalten: ${name} (${formatBytes(freedBytes)}), am längsten nicht benutzt.`,
  );
  if (of.count > of.evicted.length)
    said.push(
      plural(of.count - of.evicted.length, {
        one: '# weitere Löschung steht im Protokoll.',
        other: '# weitere Löschungen stehen im Protokoll.',
      }),
    );
  if (of.remaining !== null)
    said.push(
      `Die Modelle belegen noch ${formatBytes(of.remaining.totalBytes)}, mehr als das Limit von ${formatBytes(of.remaining.limitBytes)}: Die übrigen sind angeheftet, in Gebrauch oder neu.`,
    );
  return said.join(' ');
}

export const jobs: typeof english = { title, noun, failed, atWork, detail, ending };
