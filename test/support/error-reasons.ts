/** Finds the literal `reason` values of the errors that main throws. */
import ts from 'typescript';
import { errorCodes, type ErrorCode } from '../../preload/wire/errors.ts';

export interface ErrorReason {
  readonly file: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** The reasons of every `new AppError(code, message, { reason: '…' })` in `source`. */
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
    if (!ts.isPropertyAssignment(property) || property.name.getText() !== 'reason') return [];
    const { initializer: value } = property;
    const either = ts.isConditionalExpression(value) ? [value.whenTrue, value.whenFalse] : [value];
    return either.filter(ts.isStringLiteral).map(({ text }) => text);
  });
}
