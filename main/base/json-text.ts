/** JSON text that a person wrote: where it is wrong is told by line and column. */
import { AppError } from '../../preload/wire/errors.ts';
import { readExactJson } from '../../preload/wire/json.ts';

/**
 * The JSON value of `text`, as `readExactJson` gives it.
 * @throws AppError `invalid_input` with `field`, and for what is not JSON with `line` and `column`, both from 1.
 */
export function parseJsonText(text: string, field: string, numberOf?: (source: string) => unknown): unknown {
  try {
    return readExactJson(text, numberOf);
  } catch (error) {
    if (error instanceof RangeError)
      throw new AppError('invalid_input', `${field} is nested too deeply.`, { reason: 'json_too_deep', field });
    const before = text.slice(0, placeOfError(text)).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw new AppError('invalid_input', `${field} is not JSON: line ${line}, column ${column}.`, {
      ...{ reason: 'not_json', field, line, column },
    });
  }
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const plain = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

type Awaited = 'value' | 'value or end' | 'key' | 'key or end' | 'comma or end';

/** Where the first error is: the beginning of what cannot stand there. */
function placeOfError(text: string): number {
  const open: ('[' | '{')[] = [];
  let awaited: Awaited = 'value';
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    take(space);
    const letter = text[at];
    const isEnd = letter !== undefined && letter === (open.at(-1) === '{' ? '}' : open.length > 0 ? ']' : undefined);
    if (isEnd && awaited.endsWith('end')) {
      open.pop();
      at++;
      awaited = 'comma or end';
    } else if (awaited === 'comma or end') {
      if (letter !== ',' || open.length === 0) return at;
      at++;
      awaited = open.at(-1) === '{' ? 'key' : 'value';
    } else if (awaited.startsWith('key')) {
      if (!take(string)) return at;
      take(space);
      if (text[at] !== ':') return at;
      at++;
      awaited = 'value';
    } else if (letter === '[' || letter === '{') {
      open.push(letter);
      at++;
      awaited = letter === '[' ? 'value or end' : 'key or end';
    } else if (take(string) || take(plain)) awaited = 'comma or end';
    else return at;
  }
}
