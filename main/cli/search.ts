/** `hearth search`: models of the Hub, with the file of each that suits this computer. */
import { hubRoutes, type HubFile, type HubModelSummary } from '../../preload/contract/hub.ts';
import { AppError, encodeError, isAppError } from '../../preload/wire/errors.ts';
import { formatBytes, formatInteger } from '../base/format.ts';
import { shownName } from '../base/foreign-text.ts';
import { openCatalogue, type Catalogue } from './catalogue.ts';
import { fitWord, speedOf } from './fit-words.ts';
import { numberOption, UsageError, type Invocation, type Values } from './invocation.ts';
import { textTable } from './text-table.ts';

/** Models whose files are asked for at the same time. */
const PARALLEL_MODELS = 4;
const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 100;
/** Pages of 30 models that `--fits` looks through before it gives up. */
const MAX_PAGES = 10;

type Found = HubModelSummary & { readonly recommended: HubFile | null };

/** Prints a table, or one JSON object. @throws UsageError, AppError `hub.*`, `network.*`; `hub.offline` says which variable does it. */
export async function runSearch(
  values: Values<'search'>,
  words: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output } = invocation;
  const limit = numberOption(values, 'limit') ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new UsageError(`--limit takes a whole number from 1 to ${MAX_LIMIT}.`);
  const input = inputOf(values, words.join(' '));
  const catalogue = await openCatalogue(invocation);
  try {
    output.status('Searching…');
    const { models, cachedAt } = await find(catalogue, input, { limit, isFitWanted: values.fits }, invocation);
    if (cachedAt !== null)
      output.warning(`The Hub is out of reach. This is its answer of ${new Date(cachedAt).toISOString()}.`);
    output.done({ models, cachedAt }, described(models, values.fits));
  } finally {
    catalogue.close();
  }
}

type Input = Parameters<Catalogue['search']>[0];

/** @throws UsageError for what the Hub cannot have. */
function inputOf(values: Values<'search'>, query: string): Input {
  const { sort, library, author, task, license } = values;
  const parsed = hubRoutes['hub.search'].input.safeParse({
    query,
    ...(sort !== undefined && { sort }),
    ...(library !== undefined && { library }),
    ...(author !== undefined && { author }),
    ...(task !== undefined && { task }),
    ...(license !== undefined && { license: license.toLowerCase() }),
  });
  if (parsed.success) return parsed.data as Input;
  if (query.length > 300) throw new UsageError('The words of a search have at most 300 characters.');
  if (author !== undefined && !/^[A-Za-z0-9][\w.-]{0,95}$/.test(author))
    throw new UsageError(`--author takes a name of the Hub, not "${author}".`);
  throw new UsageError(
    '--task takes a task of the Hub such as text-generation, and --license an id such as apache-2.0.',
  );
}

/** The models of as many pages as are needed. */
async function find(
  catalogue: Catalogue,
  input: Input,
  { limit, isFitWanted }: { readonly limit: number; readonly isFitWanted: boolean },
  { output, signal }: Invocation,
): Promise<{ readonly models: readonly Found[]; readonly cachedAt: number | null }> {
  const models: Found[] = [];
  let cursor: string | null = null;
  let cachedAt: number | null = null;
  const inspect = inspector(catalogue, signal, (text) => output.warning(text));
  for (let page = 0; page < MAX_PAGES && models.length < limit; page += 1) {
    const answer = await catalogue.search({ ...input, cursor });
    cachedAt ??= answer.cachedAt;
    let rest = answer.models;
    while (rest.length > 0 && models.length < limit) {
      signal.throwIfAborted();
      const batch = rest.slice(0, Math.min(PARALLEL_MODELS, isFitWanted ? PARALLEL_MODELS : limit - models.length));
      rest = rest.slice(batch.length);
      output.status(`Looking at the files of ${batch[0]?.repoId ?? ''}…`);
      const found = await Promise.all(batch.map(inspect));
      const kept = found.filter(({ recommended }) => !isFitWanted || recommended?.fit.verdict === 'fits');
      models.push(...kept.slice(0, limit - models.length));
    }
    ({ cursor } = answer);
    if (cursor === null) break;
  }
  return { models, cachedAt };
}

/**
 * Adds to a model the file that is recommended here. A model whose files cannot be read, as a gated one's, has none. Once the Hub says
 * that it is asked too often, no further one is asked for.
 */
function inspector(
  catalogue: Catalogue,
  signal: AbortSignal,
  warn: (text: string) => void,
): (model: HubModelSummary) => Promise<Found> {
  let isLimited = false;
  return async (model) => {
    if (isLimited) return { ...model, recommended: null };
    try {
      const { files } = await catalogue.model(model.repoId, 'main');
      const file = files.find(({ recommended }) => recommended !== null) ?? null;
      // The size alone does not tell how much of a model a token reads, and so no speed.
      if (file === null || file.fit.basis !== 'file_size' || file.fit.verdict === 'too_big')
        return { ...model, recommended: file };
      const fit = await catalogue.fit(model.repoId, file.path).catch(() => file.fit);
      signal.throwIfAborted();
      return { ...model, recommended: { ...file, fit } };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) throw error;
      if (isAppError(error, 'hub.rate_limited') && !isLimited) {
        isLimited = true;
        warn(`${encodeError(error).message} Sizes and fits are left out from here on.`);
      }
      return { ...model, recommended: null };
    }
  };
}

function described(models: readonly Found[], isFitWanted: boolean): string {
  if (models.length === 0)
    return isFitWanted ? 'No model that fits on this computer was found.' : 'No model was found.';
  const rows = models.map(({ repoId, downloads, recommended: file, isGguf, gated }) => [
    repoId,
    formatInteger(downloads),
    file === null ? (isGguf ? '-' : 'not GGUF') : (file.quantization ?? shownName(file.path)),
    file === null ? '-' : formatBytes(file.sizeBytes),
    file === null ? '-' : fitWord(file.fit),
    (file === null ? '' : speedOf(file.fit)) || '-',
    gated === false ? '' : 'needs access',
  ]);
  const head = ['MODEL', 'DOWNLOADS', 'BEST HERE', 'SIZE', 'FITS', 'SPEED', ''];
  return [
    ...textTable(head, rows),
    '',
    'hearth info MODEL tells more of one, hearth pull MODEL downloads the file that is best here.',
  ].join('\n');
}
