/** What the name of a repository says, after the naming convention of GGUF files in the ggml project. */

export interface ModelNameParts {
  readonly name: string | null;
  readonly organization: string | null;
  readonly basename: string | null;
  readonly finetune: string | null;
  readonly version: string | null;
  readonly sizeLabel: string | null;
}

type Role = 'basename' | 'size' | 'finetune' | 'version' | 'type';

interface Part {
  text: string;
  readonly roles: Set<Role>;
}

const nothing: ModelNameParts = {
  ...{ name: null, organization: null, basename: null, finetune: null, version: null, sizeLabel: null },
};
const versionPart = /^(?:v|iter)?\d+(?:\.\d+)*$/i;
const typePart = /^(?:i?q\d(?:_\w)*|b?fp?(?:16|32))$/i;
const sizePart = /^(?:(?:a|\d+x)?\d+(?:[._]\d+)?[bkmt]\d?|small|mini|medium|large|x?xl)$/i;
const finetunePart = /^(?:chat|instruct|vision|lora)$/i;
/** Names are cut here before they are taken apart. */
const NAME_CHARS = 200;

/**
 * Takes a name such as `mistralai/Mistral-7B-Instruct-v0.3` apart: basename, size, finetune and version. A size in the name that is far
 * from `parameterCount` is more likely a context size.
 */
export function readModelName(id: string, parameterCount: number): ModelNameParts {
  const whole = id.slice(0, NAME_CHARS);
  if (whole.includes(' ')) return { ...nothing, name: titleOf(whole) };
  const slash = whole.indexOf('/');
  const owner = slash < 0 ? null : whole.slice(0, slash);
  const full = whole.slice(slash + 1);
  const parts = full
    .split('-')
    .filter((text) => text !== '')
    .map((text, index) => readPart(text, index, parameterCount));
  dropWordSizes(parts);
  nameBase(parts);

  const joined = (role: Role): string | null => joinParts(parts.filter(({ roles }) => roles.has(role)));
  const sizeLabel = joinParts(uniqueTexts(parts.filter(({ roles }) => roles.has('size'))));
  const finetune = joined('finetune');
  const version = joinParts(parts.filter(({ roles }) => roles.has('version') && !roles.has('basename')));
  const isAmbiguous = sizeLabel === null && finetune === null && version === null;
  return {
    name: full === '' ? null : titleOf(full),
    organization: owner === null || owner === '' || owner.startsWith('.') ? null : titleOf(owner),
    basename: isAmbiguous ? null : joined('basename'),
    finetune,
    version,
    sizeLabel,
  };
}

function readPart(text: string, index: number, parameterCount: number): Part {
  if (versionPart.test(text)) return { text, roles: new Set(['version']) };
  if (typePart.test(text)) return { text: text.toUpperCase(), roles: new Set(['type']) };
  if (index > 0 && sizePart.test(text)) return readSize(text, parameterCount);
  if (index > 0 && finetunePart.test(text)) return { text, roles: new Set(['finetune']) };
  return { text, roles: new Set() };
}

function readSize(written: string, parameterCount: number): Part {
  let text = written.replaceAll('_', '.');
  // The form of bloom-7b1.
  if (/\d$/.test(text)) text = `${text.slice(0, -2)}.${text.slice(-1)}${text.slice(-2, -1)}`;
  if (/\d[bkmt]$/.test(text)) text = text.slice(0, -1) + text.slice(-1).toUpperCase();
  const value = Number(text.slice(0, -1)) * 1000 ** ' KMBT'.indexOf(text.slice(-1));
  const isFar = parameterCount > 0 && Math.abs(value - parameterCount) > Math.floor((7 * parameterCount) / 8);
  if (Number.isFinite(value) && isFar) {
    return { text: text.slice(0, -1) + text.slice(-1).toLowerCase(), roles: new Set(['finetune']) };
  }
  return { text, roles: new Set(['size']) };
}

/** Sizes in words say nothing beside one in numbers. */
function dropWordSizes(parts: readonly Part[]): void {
  const sizes = parts.filter(({ roles }) => roles.has('size'));
  if (!sizes.some(({ text }) => /\d/.test(text))) return;
  for (const { text, roles } of sizes) if (!/\d/.test(text)) roles.delete('size');
}

/** The parts at the start are the basename, until one has a role of its own; versions at its end are versions. */
function nameBase(parts: readonly Part[]): void {
  let isStart = true;
  for (const { text, roles } of parts) {
    if (isStart && ((roles.size === 0 && /^\p{L}/u.test(text)) || roles.has('version'))) {
      roles.add('basename');
    } else {
      isStart = false;
      if (roles.size === 0) roles.add('finetune');
    }
  }
  for (const { roles } of parts.toReversed()) {
    if (!roles.has('basename') || roles.size === 1) break;
    roles.delete('basename');
  }
}

const joinParts = (parts: readonly { readonly text: string }[]): string | null =>
  parts.length === 0 ? null : parts.map(({ text }) => text).join('-');

const uniqueTexts = (parts: readonly Part[]): readonly { readonly text: string }[] =>
  [...new Set(parts.map(({ text }) => text))].map((text) => ({ text }));

/** Words with a capital first, except for versions, sizes and words that have capitals already. */
export function titleOf(id: string): string {
  return id
    .replaceAll('-', ' ')
    .trim()
    .split(/\s+/)
    .map((word) =>
      word === word.toLowerCase() && /\p{Ll}/u.test(word) && !/^(?:v\d+(?:\.\d+)*|\d.*)$/.test(word)
        ? word.replaceAll(/\p{L}+/gu, (letters) => letters.slice(0, 1).toUpperCase() + letters.slice(1))
        : word,
    )
    .join(' ');
}
