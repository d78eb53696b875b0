/** Finds the literal `reason` values of the errors that main throws. */
import ts from 'typescript';
import { errorCodes, type ErrorCode } from '../../preload/wire/errors.ts';

export interface ErrorReason {
  readonly file: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** A function that makes an error of one code: its reason is among the facts that it is given, or an argument of its own. */
interface ErrorMaker {
  readonly name: string;
  /** The files in which the name means this function. */
  readonly files: RegExp;
  readonly code: ErrorCode;
  /** The place of the argument with the reason: a text, or an object with a `reason`. */
  readonly argument: number;
}

const inConversion = /^main\/(convert|model-file)\//;
/** The makers of the tree. One that is found nowhere fails the test, so that a renamed one is noticed. */
export const errorMakers: readonly ErrorMaker[] = [
  { name: 'invalidCheckpoint', files: inConversion, code: 'convert.invalid', argument: 0 },
  { name: 'unsupportedCheckpoint', files: inConversion, code: 'convert.unsupported', argument: 0 },
  { name: 'refuse', files: inConversion, code: 'convert.invalid', argument: 0 },
  { name: 'problems.add', files: inConversion, code: 'convert.invalid', argument: 0 },
  { name: 'invalidTokenizer', files: inConversion, code: 'tokenizer.invalid', argument: 1 },
  { name: 'unsupportedTokenizer', files: inConversion, code: 'convert.unsupported', argument: 0 },
  { name: 'refused', files: /^native\/(?!library\/)/, code: 'convert.unsupported', argument: 0 },
  { name: 'refused', files: /^native\/library\//, code: 'unsupported', argument: 0 },
  { name: 'invalid', files: /^native\//, code: 'convert.invalid', argument: 0 },
];

/** The reasons of every `new AppError(code, message, { reason: '…' })` in `source`, and of the calls of error makers. */
export function errorReasons(fileName: string, source: string): readonly ErrorReason[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true);
  const found: ErrorReason[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText(file) === 'AppError') {
      const [code, , facts] = node.arguments ?? [];
      if (code && ts.isStringLiteral(code) && isCode(code.text) && facts && ts.isObjectLiteralExpression(facts)) {
        for (const reason of reasonsOf(facts)) found.push({ file: fileName, code: code.text, reason });
      }
    }
    if (ts.isCallExpression(node)) {
      const name = node.expression.getText(file);
      const maker = errorMakers.find((one) => one.name === name && one.files.test(fileName));
      const argument = maker && node.arguments[maker.argument];
      if (maker && argument) {
        const reasons = ts.isObjectLiteralExpression(argument) ? reasonsOf(argument) : literalsOf(argument);
        for (const reason of reasons) found.push({ file: fileName, code: maker.code, reason });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isCode(text: string): text is ErrorCode {
  return (errorCodes as readonly string[]).includes(text);
}

function reasonsOf(facts: ts.ObjectLiteralExpression): readonly string[] {
  return facts.properties.flatMap((property) => {
    // Facts are grouped as `...{ reason: '…', file }` in places.
    if (ts.isSpreadAssignment(property))
      return ts.isObjectLiteralExpression(property.expression) ? reasonsOf(property.expression) : [];
    if (!ts.isPropertyAssignment(property) || property.name.getText() !== 'reason') return [];
    return literalsOf(property.initializer);
  });
}

function literalsOf(value: ts.Expression): readonly string[] {
  const either = ts.isConditionalExpression(value) ? [value.whenTrue, value.whenFalse] : [value];
  return either.filter(ts.isStringLiteral).map(({ text }) => text);
}
