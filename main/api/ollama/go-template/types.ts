/** The values that Ollama gives to a template, and where Jinja has them: `Values` and `templateMessage` in Ollama's template package. */
import { GoTemplateError } from './lexer.ts';

export type Type =
  | 'text'
  | 'number'
  | 'bool'
  /** Written as JSON: tools, functions, arguments, properties. */
  | 'json'
  /** The type of a property: a text, or several. */
  | 'names'
  /** Of an argument: written as it is where it is a text, else as JSON. */
  | 'value'
  | { readonly list: Type }
  | { readonly map: Type; readonly isJson: true }
  | { readonly struct: StructName; readonly isJson: boolean };

type StructName = 'root' | 'message' | 'call' | 'calledFunction' | 'tool' | 'toolFunction' | 'parameters' | 'property';

export interface Value {
  /** A Jinja expression that needs no parentheses around it. */
  readonly code: string;
  readonly type: Type;
}

/** The name of the namespace in which the translation keeps what Go's template would be given, and its variables. */
export const SPACE = 'go';

const struct = (name: StructName, isJson: boolean): Type => ({ struct: name, isJson });
const properties: Type = { map: struct('property', true), isJson: true };

type Field = readonly [type: Type, code: (of: string) => string];
const key =
  (name: string) =>
  (of: string): string =>
    `${of}['${name}']`;
const orNothing =
  (name: string, nothing: string) =>
  (of: string): string =>
    `(${of}['${name}'] or ${nothing})`;
const ofSpace = (name: string) => (): string => `${SPACE}.${name}`;
const always = (code: string) => (): string => code;

const fields: Readonly<Record<StructName, Readonly<Record<string, Field>>>> = {
  root: {
    System: ['text', ofSpace('system')],
    Prompt: ['text', ofSpace('prompt')],
    Response: ['text', ofSpace('response')],
    Suffix: ['text', always("''")],
    Messages: [{ list: struct('message', false) }, ofSpace('messages')],
    Tools: [{ list: struct('tool', true) }, always('(tools or [])')],
    Think: ['bool', always('(enable_thinking | default(false))')],
    ThinkLevel: ['text', always("(reasoning_effort | default(''))")],
    IsThinkSet: ['bool', always('(enable_thinking is defined)')],
  },
  message: {
    Role: ['text', key('role')],
    Content: ['text', orNothing('content', "''")],
    // Reasoning of earlier replies is given to no model, and text models have no images.
    Thinking: ['text', always("''")],
    Images: [{ list: 'value' }, always('[]')],
    ToolCalls: [{ list: struct('call', false) }, orNothing('tool_calls', '[]')],
    ToolName: ['text', orNothing('name', "''")],
    ToolCallID: ['text', orNothing('tool_call_id', "''")],
  },
  call: { ID: ['text', key('id')], Function: [struct('calledFunction', false), key('function')] },
  calledFunction: {
    Name: ['text', key('name')],
    Arguments: [{ map: 'value', isJson: true }, key('arguments')],
  },
  tool: {
    Type: ['text', key('type')],
    // Ollama's structure has lost its own form of writing; the JSON is what models were trained on.
    Function: [struct('toolFunction', true), key('function')],
  },
  toolFunction: {
    Name: ['text', key('name')],
    Description: ['text', orNothing('description', "''")],
    Parameters: [struct('parameters', true), key('parameters')],
  },
  parameters: {
    Type: ['text', key('type')],
    Required: [{ list: 'text' }, orNothing('required', '[]')],
    Properties: [properties, orNothing('properties', '{}')],
  },
  property: {
    Type: ['names', orNothing('type', "''")],
    Description: ['text', orNothing('description', "''")],
    Enum: [{ list: 'value' }, orNothing('enum', '[]')],
    Properties: [properties, orNothing('properties', '{}')],
    Required: [{ list: 'text' }, orNothing('required', '[]')],
  },
};

/** @throws GoTemplateError for a field that there is not. */
export function fieldOf({ code, type }: Value, name: string): Value {
  const known = typeof type === 'object' && 'struct' in type ? fields[type.struct] : {};
  const field = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!field) throw new GoTemplateError(`the field .${name} is not translated`);
  const [fieldType, codeOf] = field;
  return { code: codeOf(code), type: fieldType };
}

export const root: Value = { code: '', type: struct('root', false) };

/** A Jinja text. */
export function textCode(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `'${escaped}'`;
}

const asJson = (code: string): string => `(${code} | tojson(separators=(',', ':')))`;

/** The value as Go writes it. @throws GoTemplateError for a value that no model should get to see, such as a message. */
export function written({ code, type }: Value): string {
  if (type === 'text' || type === 'number') return code;
  if (type === 'bool') return `('true' if ${code} else 'false')`;
  if (type === 'json') return asJson(code);
  if (type === 'value') return `(${code} if ${code} is string else ${asJson(code)})`;
  if (type === 'names') return `(${code} if ${code} is string else '[' ~ (${code} | join(' ')) ~ ']')`;
  if ('list' in type) {
    if (typeof type.list === 'object' && 'struct' in type.list && type.list.isJson) return asJson(code);
    return `('[' ~ (${code} | join(' ')) ~ ']')`;
  }
  if (code !== '' && type.isJson) return asJson(code);
  throw new GoTemplateError('only fields can be written, not a whole message or call');
}

/** The value as JSON. @throws GoTemplateError for all that is given to a template. */
export function json({ code }: Value): Value {
  if (code === '') throw new GoTemplateError('only fields can be written as JSON');
  return { code: asJson(code), type: 'text' };
}
