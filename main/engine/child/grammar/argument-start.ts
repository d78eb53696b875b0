/** Finds where the arguments of a call begin in the body of a call that is being written. */

/** Where the arguments begin: behind `length` letters of the text. */
export interface ArgumentStart {
  readonly name: string;
  readonly length: number;
  /** Objects around the arguments, which end behind them. */
  readonly depth: number;
  readonly inList: boolean;
}

/** A call's head is shorter by far: beyond, a body without arguments is not looked through again with each token. */
const MOST_HEAD_CHARS = 4000;

const values = /"(?:arguments|parameters|args)"\s*:\s*/g;
const names = /"(?:name|tool_name|function|tool)"\s*:\s*"(?:functions\.)?([\w.-]+)"/g;
/** Apertus gives the name as the only key. */
const nameAsKey = /^[\s[,;]*\{\s*"([\w.-]+)"\s*:\s*/;
/** Marks that families write between a name and its arguments: Mistral, DeepSeek V3.1, Kimi K2, gpt-oss, Functionary. */
const betweenMarks = ['[ARGS]', '<｜tool▁sep｜>', '<|tool_call_argument_begin|>', '<|message|>', '<|role_sep|>'];
const anyMark = betweenMarks.map((mark) => mark.replaceAll(/[[\]|]/g, '\\$&')).join('|');
/** The name, Kimi's number, Mistral's id, then a mark, or a brace behind a name, a tag's end or DeepSeek's fence. */
const namedArguments = new RegExp(
  `([\\w.-]+)(?::\\d+)?\\s*(?:\\[CALL_ID\\]\\s*[\\w-]+\\s*)?(?:(?:${anyMark})|(?:<\\|channel\\|>[\\w ]*)?(?:<\\|constrain\\|>json|json)?<\\|message\\|>|>?\\s*(?:\`\`\`json\\s*)?(?=\\{))`,
  'g',
);
/** Forms that write each argument in a tag of its own, as text. */
const taggedValue = /<(?:parameter|param|arg_key|arg_value)\b|<\|"\|>/;

/**
 * The place where the arguments of a call of one of the tools begin in `head`, the text since the mark of the call or since the call
 * before; null while there is none. The brace of the arguments may stand there already.
 */
export function argumentStart(head: string, tools: ReadonlySet<string>): ArgumentStart | null {
  const found = headOf(head, tools);
  return found && { ...found, ...openBefore(head.slice(0, found.length)) };
}

function headOf(head: string, tools: ReadonlySet<string>): Pick<ArgumentStart, 'name' | 'length'> | null {
  if (head.length > MOST_HEAD_CHARS || taggedValue.test(head)) return null;
  if (/^[\s[,;]*(?:functools\[\s*)?\{/.test(head)) {
    const key = nameAsKey.exec(head);
    if (key?.[1] !== undefined && tools.has(key[1]) && !/"\s*$/.test(key[0]))
      return { name: key[1], length: key[0].length };
    for (const value of head.matchAll(values)) {
      const name = [...head.slice(0, value.index).matchAll(names)].at(-1)?.[1];
      if (name !== undefined && tools.has(name)) return { name, length: value.index + value[0].length };
    }
    return null;
  }
  for (const found of head.matchAll(namedArguments)) {
    const name = (found[1] ?? '').replace(/^functions\./, '');
    if (tools.has(name)) return { name, length: found.index + found[0].length };
  }
  return null;
}

/** The objects that are open behind a text of JSON, and whether a list is. */
function openBefore(head: string): Pick<ArgumentStart, 'depth' | 'inList'> {
  const marks: readonly string[] = head.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').match(/[{}[]/g) ?? [];
  const depth = marks.reduce((sum, mark) => sum + (mark === '{' ? 1 : mark === '}' ? -1 : 0), 0);
  return { depth: Math.max(0, depth), inList: marks.includes('[') };
}

/** Follows JSON that begins within `depth` objects, up to the end of them all; `push` tells whether that has come. */
export function createObjectEnd(depth: number): { push(text: string): boolean } {
  let inText = false;
  let isEscaped = false;
  let hasEnded = false;
  return {
    push(text) {
      for (const letter of text) {
        if (hasEnded) break;
        if (inText) {
          if (isEscaped) isEscaped = false;
          else if (letter === '\\') isEscaped = true;
          else if (letter === '"') inText = false;
        } else if (letter === '"') inText = true;
        else if (letter === '{' || letter === '[') depth++;
        else if (letter === '}' || letter === ']') hasEnded = --depth === 0;
      }
      return hasEnded;
    },
  };
}
