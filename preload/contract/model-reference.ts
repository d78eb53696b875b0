/**
 * Parses references to models: `OWNER/NAME`, `OWNER/NAME:TAG`, `OWNER/NAME/path/file.gguf`, each with `@REVISION` after the name if
 * wanted, or an address of the Hub.
 */

export interface ModelReference {
  /** `OWNER/NAME`. A lone `NAME`, which only an address can give, is an owner or one of the Hub's oldest repositories. */
  readonly repoId: string;
  readonly revision: string | null;
  /** A file of the repository, or a folder that means the model in it; null for neither. */
  readonly path: string | null;
  /** What stands after the colon: a quantization, a file's name, or `latest`. Its meaning is that of `chooseFile`. */
  readonly tag: string | null;
  /** True for an address of the Hub, which can mean nothing but that repository. */
  readonly isAddress: boolean;
}

/** Hosts that are the Hub, whatever endpoint is set. */
const hubAddresses = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
/** First path segments of the Hub's addresses that are not owners of models. */
const notOwners = new Set([
  'api',
  'datasets',
  'spaces',
  'docs',
  'models',
  'collections',
  'papers',
  'blog',
  'settings',
  'join',
  'login',
  'search',
]);

/** What stands before a revision in the addresses of a repository, and what stands in those that mean the repository as a whole. */
const pagesOfRevision = new Set(['tree', 'blob', 'resolve', 'raw', 'blame', 'commit', 'commits']);
const pagesOfRepository = new Set(['discussions', 'settings', 'community', 'activity', 'upload', 'edit', 'delete']);

/** True for an `OWNER/NAME` that the Hub allows, and for the lone `NAME` of its oldest repositories. */
export function isRepoId(text: string): boolean {
  return (
    /^(?:[A-Za-z0-9][\w.-]{0,95}\/)?[A-Za-z0-9_][\w.-]{0,95}$/.test(text) &&
    !text.includes('..') &&
    !text.includes('--')
  );
}

/**
 * Parses a reference to a model; null for any other text. `endpoints` are further addresses of the Hub, such as a mirror, with or
 * without `https://`. Never throws.
 */
export function parseModelReference(text: string, endpoints: readonly string[] = []): ModelReference | null {
  const trimmed = text.trim();
  const rest = afterHubAddress(trimmed, endpoints);
  if (rest === null && /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)) return null;
  return rest === null ? parseRepository(trimmed, false) : parseRepository(rest, true);
}

/** The text after the Hub's address; null when `text` does not begin with one. */
function afterHubAddress(text: string, endpoints: readonly string[]): string | null {
  const bare = text.replace(/^https?:\/\//i, '');
  for (const endpoint of [...hubAddresses, ...endpoints]) {
    const prefix = `${endpoint.replace(/^https?:\/\//i, '').replace(/\/+$/, '')}/`;
    if (prefix !== '/' && bare.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase())
      return bare.slice(prefix.length);
  }
  return null;
}

function parseRepository(text: string, isAddress: boolean): ModelReference | null {
  const hash = isAddress ? text.indexOf('#') : -1;
  const noHash = hash < 0 ? text : text.slice(0, hash);
  const mark = isAddress ? noHash.indexOf('?') : -1;
  const pathText = mark < 0 ? noHash : noHash.slice(0, mark);
  const query = mark < 0 ? '' : noHash.slice(mark + 1);

  // The percent sign is itself in a plain OWNER/NAME/FILE, and an escape only in an address.
  const plain = isAddress ? decode : (part: string): string => part;
  const parts = pathText.replace(/\/+$/, '').split('/');
  const [owner = '', last = '', ...more] = parts;
  if (parts.includes('') || (isAddress && notOwners.has(owner))) return null;
  if (parts.length === 1)
    return isAddress && isRepoId(owner) ? { repoId: owner, revision: null, path: null, tag: null, isAddress } : null;

  const pinned = isAddress
    ? null
    : /^([^@:]+)@(refs\/pr\/\d+|refs\/convert\/\w+|[\w.-]+)(?=$|[:/])/.exec([last, ...more].join('/'));
  if (pinned) {
    const [whole, name = '', revision = ''] = pinned;
    const rest = [last, ...more].join('/').slice(whole.length);
    const found = revision.includes('..') ? null : parseRepository(`${owner}/${name}${rest}`, false);
    return found && { ...found, revision };
  }
  const colon = last.indexOf(':');
  const repoId = `${owner}/${colon < 0 ? last : last.slice(0, colon)}`;
  if (!isRepoId(repoId)) return null;
  const found = { repoId, revision: null, path: null, tag: null, isAddress };
  if (colon >= 0) {
    const tag = [last.slice(colon + 1), ...more].join('/');
    const isTag = /^[^\s:]+$/.test(tag) && (more.length === 0 || isModelName(tag));
    return isTag ? { ...found, tag } : null;
  }
  if (more.length === 0) {
    // The Hub's file viewer: …/OWNER/NAME?show_file_info=model.gguf
    const shown = /(?:^|&)show_file_info=([^&]+)/.exec(query)?.[1];
    return { ...found, path: shown === undefined ? null : decode(shown) };
  }
  const inside = more.flatMap((part) => plain(part) ?? []);
  if (inside.length < more.length) return null;
  if (!isAddress) return { ...found, path: inside.join('/') };
  const [verb = '', ...place] = inside;
  if (pagesOfRepository.has(verb)) return found;
  // Not an address that the Hub has, but one that can mean only this file or folder.
  if (!pagesOfRevision.has(verb)) return { ...found, path: inside.join('/') };
  const revisionParts = isSpecialRevision(place) ? 3 : 1;
  const path = place.slice(revisionParts).join('/');
  return {
    ...found,
    revision: place.length === 0 ? null : place.slice(0, revisionParts).join('/'),
    path: path === '' ? null : path,
  };
}

/** `refs/pr/N` and `refs/convert/NAME`, the only revisions of the Hub that are written with slashes in an address. */
function isSpecialRevision([refs, kind, name = '']: readonly string[]): boolean {
  return refs === 'refs' && ((kind === 'pr' && /^\d+$/.test(name)) || (kind === 'convert' && /^\w+$/.test(name)));
}

function isModelName(path: string): boolean {
  return /\.gguf$/i.test(path);
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
