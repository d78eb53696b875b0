/** What is maths and what is money. Most cases are those of Pandoc's manual and of models' replies. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Parsed } from './Parsed.tsx';
import { withFormulasInLines } from './maths-lines.ts';
import { formulaOf } from './maths-syntax.ts';

/** The formulas of a text; `D` before those that stand on lines of their own. The server renders their sources. */
function formulas(text: string): string[] {
  const html = renderToStaticMarkup(createElement(Parsed, { text: withFormulasInLines(text, false), typed: false }));
  return [...html.matchAll(/<code class="chat-tex-source( chat-tex-display)?">([^<]*)<\/code>/g)].map(
    ([, display, tex]) => `${display === undefined ? '' : 'D '}${tex}`,
  );
}

describe('maths', () => {
  it.each([
    ['Let $x$ be', ['x']],
    ['$a+b$ and $c$.', ['a+b', 'c']],
    ['the $n$th and $x$-axis', ['n', 'x']],
    ['$$x^2$$', ['D x^2']],
    ['so $$x$$, and', ['D x']],
    ['\\(a\\) and \\[b\\]', ['a', 'D b']],
    ['$\\text{costs \\$5}$', ['\\text{costs \\$5}']],
    ['$$\nx\n= y\n- z\n+ w\n$$', ['D x = y - z + w']],
    ['> \\[\n> a % note\n> > b\n> \\]', ['D a b']],
    ['- one\n\n  $$\n  a\n  + b\n  $$', ['D a + b']],
    ['| a |\n| - |\n| $x$ |', ['x']],
  ])('%j has the formulas %j', (text, expected) => {
    expect(formulas(text)).toEqual(expected);
  });

  it.each([
    ['$5 and $10'],
    ['It costs $20,000 or $30,000.'],
    ['between $5-$10'],
    ['5$ and 10$'],
    ['$HOME:$PATH and ${x}:${y}'],
    ['US$5 and US$6'],
    ['a $ b $ c'],
    ['\\$x$'],
    ['`$x$`'],
    ['$x\ny$'],
    ['$$x'],
    ['\\(x and \\(y'],
    ['`` $$x$$ ``'],
  ])('%j has none', (text) => {
    expect(formulas(text)).toEqual([]);
  });

  it('shows an open formula as code while it is written, and as text where it stays open', () => {
    expect(withFormulasInLines('so\n\n$$\nx\n- y', true)).toBe('so\n\n`$$ x - y`');
    expect(withFormulasInLines('so\n\n$$\nx\n- y', false)).toBe('so\n\n$$\nx\n- y');
  });

  it('reads the marks', () => {
    expect(formulaOf('$x$')).toEqual({ tex: 'x', display: false });
    expect(formulaOf('\\[ x \\]')).toEqual({ tex: 'x', display: true });
  });

  it.each([['$a'], ['\\('], ['\\['], ['$$a '], ['`$$'], ['$`a'], ['$$`']])('reads 20,000 times %j in time', (piece) => {
    const text = piece.repeat(20_000 / piece.length);
    const begun = performance.now();
    formulas(text);
    // Quadratic reading takes minutes.
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
