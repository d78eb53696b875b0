/** The chat templates of a checkpoint as GGUF metadata: one text, or several with names. */
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { isFields, parseObject } from './json-fields.ts';
import { invalidTokenizer } from './refusals.ts';
import { textOf, type TokenizerSources } from './tokenizer-files.ts';

const KEY = 'tokenizer.chat_template';
const FOLDER = 'additional_chat_templates/';
const SUFFIX = '.jinja';
const MAX_TEMPLATES = 64;
const MAX_CHARS = 4 * 1024 * 1024;

interface Template {
  readonly name: string;
  readonly text: string;
}

/**
 * The entries of all templates: that of tokenizer_config.json first, else chat_template.jinja with those of additional_chat_templates, else
 * chat_template.json.
 */
export function chatTemplateEntries(sources: TokenizerSources): GgufEntry[] {
  const templates = findTemplates(sources);
  const entries: GgufEntry[] = [];
  const names = new Set<string>();
  for (const { name, text } of templates) {
    const safe = name.replaceAll(/[^a-zA-Z0-9]/gu, '_');
    if (safe === 'default') entries.push({ key: KEY, type: 'string', value: text });
    else if (safe !== '' && !names.has(safe)) {
      names.add(safe);
      entries.push({ key: `${KEY}.${safe}`, type: 'string', value: text });
    }
  }
  if (names.size > 0) entries.push({ key: `${KEY}s`, type: 'strings', value: [...names] });
  return entries;
}

function findTemplates({ tokenizerConfig, files }: TokenizerSources): readonly Template[] {
  const configured = tokenizerConfig?.['chat_template'];
  if (configured !== undefined && configured !== null) return listed('tokenizer_config.json', configured);
  const own = textOf(files, 'chat_template.jinja');
  if (own !== null) {
    const additional = [...files.keys()].filter((path) => path.startsWith(FOLDER)).toSorted();
    return [
      { name: 'default', text: own },
      ...additional.map((path) => ({
        name: path.slice(FOLDER.length, -SUFFIX.length),
        text: textOf(files, path) ?? '',
      })),
    ];
  }
  const json = textOf(files, 'chat_template.json');
  const inJson = json === null ? undefined : parseObject('chat_template.json', json)['chat_template'];
  return inJson === undefined || inJson === null ? [] : listed('chat_template.json', inJson);
}

/** Templates in the forms of transformers: a text, a list of objects with names, or an object of texts by their names. */
function listed(file: string, value: unknown): readonly Template[] {
  if (typeof value === 'string') return [{ name: 'default', text: checked(file, value) }];
  if (isFields(value)) {
    const named = Object.entries(value).map(([name, template]) => ({ name, template }));
    return listed(file, named);
  }
  if (!Array.isArray(value) || value.length > MAX_TEMPLATES)
    throw invalidTokenizer(
      file,
      'chat_template',
      `Its chat_template is no text and no list of up to ${MAX_TEMPLATES}.`,
    );
  return (value as readonly unknown[]).flatMap((one) => {
    if (!isFields(one) || typeof one['name'] !== 'string' || typeof one['template'] !== 'string') return [];
    return [{ name: one['name'], text: checked(file, one['template']) }];
  });
}

function checked(file: string, text: string): string {
  if (text.length > MAX_CHARS || !text.isWellFormed())
    throw invalidTokenizer(file, 'chat_template', 'Its chat template is too long, or no Unicode text.');
  return text;
}
