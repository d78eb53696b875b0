/** Finds sentences that a file of the page contains itself instead of taking them from renderer/words. */
import ts from 'typescript';

export interface LiteralSentence {
  readonly line: number;
  readonly text: string;
}

/** Attributes and fields whose text is shown or read aloud. */
const spoken = new Set([
  ...[
    'label',
    'labelHidden',
    'title',
    'text',
    'detail',
    'hint',
    'heading',
    'description',
    'placeholder',
    'alt',
    'unit',
  ],
  ...['term', 'end', 'note', 'word', 'sentence', 'group', 'keywords', 'valueText', 'numberLabel', 'addLabel'],
  ...['listLabel', 'detailLabel', 'backLabel', 'aria-label', 'aria-description', 'aria-valuetext'],
  ...['aria-roledescription', 'aria-placeholder'],
]);

/** Attributes that hold code: class names, styles, formats of the platform. */
const code = new Set([
  ...['className', 'style', 'rel', 'target', 'viewBox', 'd', 'strokeDasharray', 'points', 'accept', 'dir', 'key', 'id'],
  ...['data-data', 'shortcut', 'type', 'href', 'inputMode', 'autoComplete', 'role', 'transform'],
]);

/** Calls whose strings are for programs: selectors, media queries, colors, errors that only a log shows. */
const codeCalls = /(^|\.)(querySelector(All)?|matches|matchMedia|useMedia|closest|supports|Error|AppError|test|exec)$/;

const letters = /\p{L}/u;
/** Two adjacent words, as in prose. */
const words = /\p{L}[,.:;!?…’”]*\s+[“‘(]?\p{L}/u;
const capitalized = /^\p{Lu}\p{Ll}+[.…]?$/u;
const css = /var\(--|color-mix\(|calc\(|^\(.*\)$|^hearth\.|\bpx\b/;

/** Every literal of `source` that looks like text for the user, with its line. */
export function literalSentences(fileName: string, source: string): readonly LiteralSentence[] {
  const kind = fileName.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true, kind);
  const found: LiteralSentence[] = [];
  const report = (node: ts.Node, text: string): void => {
    found.push({ line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, text: text.trim() });
  };

  /** `where`: the meaning of the nearest attribute, field or element for a literal. */
  const visit = (node: ts.Node, where: 'code' | 'shown' | 'plain'): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isLiteralTypeNode(node)) return;
    if (ts.isJsxText(node)) {
      if (letters.test(node.text)) report(node, node.text);
      return;
    }
    if (ts.isJsxAttribute(node)) {
      const name = node.name.getText(file);
      const inside = code.has(name) ? 'code' : spoken.has(name) ? 'shown' : 'plain';
      ts.forEachChild(node, (child) => visit(child, inside));
      return;
    }
    if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) {
      ts.forEachChild(node, (child) => visit(child, 'shown'));
      return;
    }
    if (ts.isPropertyAssignment(node)) {
      const name = node.name.getText(file).replace(/['"]/g, '');
      const inside = code.has(name) ? 'code' : spoken.has(name) ? 'shown' : 'plain';
      visit(node.initializer, inside);
      return;
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const isCode = codeCalls.test(node.expression.getText(file));
      visit(node.expression, 'plain');
      for (const argument of node.arguments ?? []) visit(argument, isCode ? 'code' : 'plain');
      return;
    }
    if (isComparison(node) || ts.isCaseClause(node)) {
      // The operands of a comparison are code; the result of it is not.
      ts.forEachChild(node, (child) => visit(child, ts.isStringLiteral(child) ? 'code' : 'plain'));
      return;
    }
    if (ts.isConditionalExpression(node)) {
      visit(node.condition, 'plain');
      visit(node.whenTrue, where);
      visit(node.whenFalse, where);
      return;
    }
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      judge(node, where);
      return;
    }
    const passes =
      ts.isTemplateExpression(node) ||
      ts.isTemplateSpan(node) ||
      ts.isBinaryExpression(node) ||
      ts.isParenthesizedExpression(node) ||
      ts.isJsxExpression(node) ||
      ts.isArrayLiteralExpression(node) ||
      ts.isAsExpression(node) ||
      ts.isObjectLiteralExpression(node);
    ts.forEachChild(node, (child) => visit(child, passes ? where : 'plain'));
  };

  const judge = (node: ts.LiteralLikeNode, where: 'code' | 'shown' | 'plain'): void => {
    const { text } = node;
    if (where === 'code' || !letters.test(text)) return;
    if (where === 'shown' ? true : !css.test(text) && (words.test(text) || capitalized.test(text))) report(node, text);
  };

  visit(file, 'plain');
  return found;
}

function isComparison(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node)) return false;
  const kinds = [
    ts.SyntaxKind.EqualsEqualsEqualsToken,
    ts.SyntaxKind.ExclamationEqualsEqualsToken,
    ts.SyntaxKind.InKeyword,
  ];
  return kinds.includes(node.operatorToken.kind);
}
