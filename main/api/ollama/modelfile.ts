/** Modelfiles: https://github.com/ollama/ollama/blob/main/docs/modelfile.md. Untrusted text. */
import { AppError } from '../../../preload/wire/errors.ts';

export interface Modelfile {
  readonly from: string;
  readonly system?: string;
  readonly template?: string;
  readonly license?: string[];
  readonly parameters: Readonly<Record<string, string | number | boolean | string[]>>;
  readonly messages: { readonly role: string; readonly content: string }[];
}

interface Instruction {
  readonly word: string;
  readonly value: string;
  readonly line: number;
}

const MOST_INSTRUCTIONS = 1000;
const fail = (line: number, message: string): AppError =>
  new AppError('invalid_input', `The Modelfile, line ${line}: ${message}`, { field: 'modelfile', line });

/** @throws AppError `invalid_input` with the line, `unsupported` for ADAPTER. */
export function readModelfile(text: string): Modelfile {
  let from: string | undefined;
  let system: string | undefined;
  let template: string | undefined;
  const license: string[] = [];
  const parameters = new Map<string, string | number | boolean | string[]>();
  const messages: { role: string; content: string }[] = [];
  for (const { word, value, line } of instructionsOf(text))
    switch (word) {
      case 'FROM':
        from = value;
        break;
      case 'SYSTEM':
        system = value;
        break;
      case 'TEMPLATE':
        template = value;
        break;
      case 'LICENSE':
        license.push(value);
        break;
      case 'PARAMETER': {
        const [name, rest] = firstWord(value, line);
        const plain = unquoted(rest, line);
        if (name === 'stop') {
          const stops = parameters.get(name);
          parameters.set(name, [...(Array.isArray(stops) ? stops : []), plain]);
        } else parameters.set(name, valueOf(plain));
        break;
      }
      case 'MESSAGE': {
        const [role, rest] = firstWord(value, line);
        messages.push({ role: role.toLowerCase(), content: unquoted(rest, line) });
        break;
      }
      case 'ADAPTER':
        throw new AppError(
          'unsupported',
          `The Modelfile, line ${line}: an adapter belongs to the load settings of a model. Choose it there.`,
          { reason: 'create', field: 'modelfile', line },
        );
      default:
        throw fail(
          line,
          `Hearth does not know ${word.slice(0, 40)}. It knows FROM, SYSTEM, TEMPLATE, PARAMETER, MESSAGE and LICENSE.`,
        );
    }
  if (from === undefined) throw new AppError('invalid_input', 'The Modelfile has no FROM.', { field: 'modelfile' });
  return {
    ...{ from, parameters: Object.fromEntries(parameters), messages },
    ...(system !== undefined && { system }),
    ...(template !== undefined && { template }),
    ...(license.length > 0 && { license }),
  };
}

/** The instructions in order. A value goes to the end of its line, or over several lines between three quotes. */
function instructionsOf(text: string): Instruction[] {
  const found: Instruction[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  for (let at = 0; at < lines.length; at++) {
    const first = (lines[at] ?? '').trimStart();
    if (first.trim() === '' || first.startsWith('#')) continue;
    const line = at + 1;
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(first) ?? [];
    let value = rest;
    // The quotes may also open behind the name of a parameter or the role of a message.
    const open = /^(?:\w+\s+)?"""/.exec(value);
    if (open) {
      const parts = [value];
      for (let part = value.slice(open[0].length); !part.includes('"""'); parts.push(part)) {
        const next = lines[++at];
        if (next === undefined) throw fail(line, 'the text between """ and """ has no end.');
        part = next;
      }
      value = parts.join('\n');
      const close = value.indexOf('"""', open[0].length);
      if (value.slice(close + 3).trim() !== '') throw fail(at + 1, 'there is something behind the last """.');
    }
    if (value.trim() === '') throw fail(line, `${word} has no value.`);
    const upper = word.toUpperCase();
    const isPair = upper === 'PARAMETER' || upper === 'MESSAGE';
    found.push({ word: upper, value: isPair ? value : unquoted(value, line), line });
    if (found.length > MOST_INSTRUCTIONS) throw fail(line, `it has more than ${MOST_INSTRUCTIONS} instructions.`);
  }
  return found;
}

function firstWord(value: string, line: number): [string, string] {
  const [, word = '', rest = ''] = /^(\S+)\s+(.*)$/s.exec(value) ?? [];
  if (word === '') throw fail(line, 'a name and a value are expected.');
  return [word, rest];
}

function unquoted(text: string, line: number): string {
  const trimmed = text.trim();
  if (trimmed.startsWith('"""')) return trimmed.slice(3, trimmed.indexOf('"""', 3));
  if (!trimmed.startsWith('"')) return trimmed;
  if (trimmed.length < 2 || !trimmed.endsWith('"')) throw fail(line, 'a quote is not closed.');
  // As in Ollama, there are no escapes.
  return trimmed.slice(1, -1);
}

/** A number or true or false; any other text as it is, which the parameter then refuses. */
function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : text;
}
