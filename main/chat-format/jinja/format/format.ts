/** Python's `str.format` and the specifications that it reads. */
import { failure, typeError, valueError } from '../values/errors.ts';
import { characterOf, floatDigits, grouped, pad, wholeDigits, type Padding } from './number-format.ts';
import { asIndex, asInt } from '../values/numbers.ts';
import { asciiPoint } from './percent.ts';
import { codePoints, escapeHtml, lengthOf, represent, textOf } from '../values/text.ts';
import { isFloat, isText, rawText, typeName, type Budget, type Named, type Value } from '../values/values.ts';

const specification = /^(?:(.)?([<>=^]))?([ +-])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?(.)?$/su;

interface Specification {
  readonly fill: string | undefined;
  readonly align: Padding['align'] | undefined;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly separator: string;
  readonly precision: number | undefined;
  readonly kind: string;
  readonly zero: boolean;
}

function readSpecification(text: string, value: Value): Specification {
  const found = specification.exec(text);
  if (!found) throw valueError(`Invalid format specifier '${text}' for object of type '${typeName(value)}'`);
  const [, fill, align, sign = '', , alternate, zero, width, separator = '', precision, kind = ''] = found;
  return {
    fill: fill ?? (zero !== undefined ? '0' : align === undefined ? undefined : ' '),
    align: align as Padding['align'] | undefined,
    ...{ sign, separator, kind, alternate: alternate !== undefined, zero: zero !== undefined },
    width: Number(width ?? 0),
    precision: precision === undefined ? undefined : Number(precision),
  };
}

/** Python's `format(value, spec)`. */
function formatValue(value: Value, spec: string, budget: Budget): string {
  if (spec === '') return textOf(value, budget);
  if (isText(value)) return formatText(rawText(value), readSpecification(spec, value), budget);
  if (isFloat(value)) return formatFloat(value.value, readSpecification(spec, value), budget);
  const whole = asInt(value);
  if (whole !== undefined) return formatInt(whole, readSpecification(spec, value), budget);
  throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
}

function formatText(text: string, form: Specification, budget: Budget): string {
  if (form.kind !== '' && form.kind !== 's')
    throw valueError(`Unknown format code '${form.kind}' for object of type 'str'`);
  if (form.sign !== '') throw valueError('Sign not allowed in string format specifier');
  if (form.alternate) throw valueError('Alternate form (#) not allowed in string format specifier');
  if (form.align === '=') throw valueError("'=' alignment not allowed in string format specifier");
  if (form.separator !== '') throw valueError(`Cannot specify '${form.separator}' with 's'.`);
  const cut = form.precision === undefined ? text : codePoints(text).slice(0, form.precision).join('');
  return pad('', cut, { width: form.width, fill: form.fill ?? ' ', align: form.align ?? '<' }, budget);
}

const signOf = (negative: boolean, sign: string): string => (negative ? '-' : sign === '-' ? '' : sign);

/** Sign, digits and padding, with the whole part in groups where a separator is asked for. */
function finish(prefix: string, digits: string, form: Specification, size: number, budget: Budget): string {
  const align = form.align ?? (form.zero ? '=' : '>');
  const fill = form.fill ?? ' ';
  let body = digits;
  if (form.separator !== '') {
    const whole =
      /^[0-9a-fA-F]+/.exec(/^\d/.test(digits) && size === 3 ? (/^\d+/.exec(digits)?.[0] ?? '') : digits)?.[0] ?? '';
    const rest = digits.slice(whole.length);
    const zeros = fill === '0' && align === '=' ? form.width - lengthOf(prefix) - rest.length : 0;
    budget.reserve(form.width);
    body = whole === '' ? digits : grouped(whole, form.separator, size, zeros) + rest;
  }
  return pad(prefix, body, { width: form.width, fill, align }, budget);
}

function formatInt(whole: number | bigint, form: Specification, budget: Budget): string {
  const kind = form.kind === '' || form.kind === 'n' ? 'd' : form.kind;
  if ('eEfFgG%'.includes(kind)) return formatFloat(Number(whole), form, budget);
  if (!'bcdoxX'.includes(kind)) throw valueError(`Unknown format code '${kind}' for object of type 'int'`);
  if (form.precision !== undefined) throw valueError('Precision not allowed in integer format specifier');
  if (form.kind === 'n' && form.separator !== '') throw valueError(`Cannot specify '${form.separator}' with 'n'.`);
  if (kind === 'c') {
    if (form.sign !== '') throw valueError("Sign not allowed with integer format specifier 'c'");
    if (form.alternate) throw valueError("Alternate form (#) not allowed with integer format specifier 'c'");
    if (form.separator !== '') throw valueError(`Cannot specify '${form.separator}' with 'c'.`);
    const text = characterOf(asIndex(whole) ?? -1);
    const align = form.align ?? (form.zero ? '=' : '<');
    return pad('', text, { width: form.width, fill: form.fill ?? ' ', align }, budget);
  }
  if (form.separator === ',' && kind !== 'd') throw valueError(`Cannot specify ',' with '${kind}'.`);
  const prefix = signOf(whole < 0, form.sign) + (form.alternate && kind !== 'd' ? `0${kind}` : '');
  return finish(prefix, wholeDigits(whole, kind), form, kind === 'd' ? 3 : 4, budget);
}

function formatFloat(value: number, form: Specification, budget: Budget): string {
  const { kind, precision, alternate } = form;
  if (kind === 'n' && form.separator !== '') throw valueError(`Cannot specify '${form.separator}' with 'n'.`);
  if (!['', 'e', 'E', 'f', 'F', 'g', 'G', 'n', '%'].includes(kind))
    throw valueError(`Unknown format code '${kind}' for object of type 'float'`);
  const shape = kind === '' ? (precision === undefined ? 'r' : 'default') : kind === 'n' ? 'g' : kind.toLowerCase();
  const digits = floatDigits(value, shape, precision ?? 6, alternate, budget);
  const negative = value < 0 || Object.is(value, -0);
  const cased = /[EFG]/.test(kind) ? digits.toUpperCase() : digits;
  return finish(signOf(negative, form.sign), cased, form, 3, budget);
}

/** How a field reaches into a value. */
export interface Access {
  attribute(value: Value, name: string): Value;
  item(value: Value, key: Value): Value;
}

/** Python's `text.format(...)`. With `escapes`, as a markup text formats. */
export function formatFields(
  text: string,
  positional: readonly Value[],
  named: Named | ((name: string) => Value | undefined),
  { access, escapes, budget }: { readonly access: Access; readonly escapes: boolean; readonly budget: Budget },
): string {
  let automatic = 0;
  let numbered = false;
  const keyed = typeof named === 'function' ? named : (name: string) => named.get(name);

  const fieldValue = (name: string): Value => {
    const [first = ''] = /^[^.[]*/.exec(name) ?? [];
    let index: number | undefined;
    if (first === '') {
      if (numbered) throw valueError('cannot switch from manual field specification to automatic field numbering');
      index = automatic++;
    } else if (/^\d+$/.test(first)) {
      if (automatic > 0) throw valueError('cannot switch from automatic field numbering to manual field specification');
      numbered = true;
      index = Number(first);
    }
    let value = index === undefined ? keyed(first) : positional[index];
    if (value === undefined)
      throw index === undefined
        ? failure('KeyError', first)
        : failure('IndexError', 'Replacement index out of range for positional args tuple');
    let rest = name.slice(first.length);
    while (rest !== '') {
      const part = /^(?:\.([^.[]+)|\[([^\]]+)\])/s.exec(rest);
      if (!part) throw valueError('Empty attribute in format string');
      const [whole, attribute, key = ''] = part;
      if (attribute !== undefined) value = access.attribute(value, attribute);
      else value = access.item(value, /^\d+$/.test(key) ? Number(key) : key);
      rest = rest.slice(whole.length);
      if (key !== '' && rest !== '' && !/^[.[]/.test(rest))
        throw valueError("Only '.' or '[' may follow ']' in format field specifier");
    }
    return value;
  };

  const convert = (value: Value, conversion: string | undefined): Value => {
    switch (conversion) {
      case undefined:
        return value;
      case 's':
        return textOf(value, budget);
      case 'r':
        return represent(value, budget);
      case 'a':
        return codePoints(represent(value, budget)).map(asciiPoint).join('');
      default:
        throw valueError(`Unknown conversion specifier ${conversion}`);
    }
  };

  const oneField = (value: Value, spec: string): string => {
    if (!escapes) return formatValue(value, spec, budget);
    if (isText(value) && typeof value !== 'string') {
      if (spec !== '') throw valueError('Unsupported format specification for Markup.');
      return value.text;
    }
    return escapeHtml(formatValue(value, spec, budget));
  };

  const expand = (template: string, depth: number): string => {
    if (depth > 3) throw valueError('Max string recursion exceeded');
    let output = '';
    let at = 0;
    while (at < template.length) {
      const brace = /[{}]/g;
      brace.lastIndex = at;
      const found = brace.exec(template);
      if (!found) return output + template.slice(at);
      output += template.slice(at, found.index);
      at = found.index + 1;
      if (template.charAt(at) === found[0]) {
        output += found[0];
        at++;
        continue;
      }
      if (found[0] === '}') throw valueError("Single '}' encountered in format string");
      const end = closingBrace(template, at);
      const field = template.slice(at, end);
      at = end + 1;
      const [, name = '', conversion, spec = ''] = readField(field);
      const value = convert(fieldValue(name), conversion);
      const piece = oneField(value, expand(spec, depth + 1));
      budget.reserve(output.length + piece.length);
      output += piece;
    }
    return output;
  };
  return expand(text, 1);
}

function closingBrace(template: string, from: number): number {
  let open = 1;
  let inKey = false;
  for (let at = from; at < template.length; at++) {
    const letter = template.charAt(at);
    if (letter === '[') inKey = true;
    else if (letter === ']') inKey = false;
    else if (inKey) continue;
    else if (letter === '{') open++;
    else if (letter === '}' && --open === 0) return at;
  }
  throw valueError(
    from >= template.length ? "Single '{' encountered in format string" : "expected '}' before end of string",
  );
}

function readField(field: string): readonly (string | undefined)[] {
  const found = /^((?:[^[\]!:{}]|\[[^\]]*\])*)(?:!([^:]*))?(?::(.*))?$/s.exec(field);
  if (!found) throw valueError('unexpected field in format string');
  if (found[2] !== undefined && [...found[2]].length !== 1)
    throw valueError('expected one character as conversion specifier');
  return found;
}
