import { describe, expect, it } from 'vitest';
import { htmlOf, plainTextOf } from './copy-forms.ts';

describe('copies of a message', () => {
  it('have the structure as HTML', () => {
    expect(htmlOf('# A\n\nSome **bold** and `code`.\n\n- [x] one\n- two')).toBe(
      [
        '<h1>A</h1>\n<p>Some <strong>bold</strong> and <code>code</code>.</p>',
        '<ul class="contains-task-list">\n<li class="task-list-item"><input type="checkbox" checked disabled> one</li>\n<li>two</li>\n</ul>',
      ].join('\n'),
    );
    expect(htmlOf('| a | b |\n| - | - |\n| 1 | 2 |')).toContain('<td>1</td>');
  });

  it('hold nothing that runs or is fetched', () => {
    const html = htmlOf(
      '<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)> ![i](https://a.example/i.png) [y](https://u@a.example)',
    );
    expect(html).not.toMatch(/<script|<img|javascript:|<[^>]*onerror/i);
    expect(html).toContain('&#x3C;script>alert(1)&#x3C;/script>');
    expect(html).not.toContain('href');
  });

  it('keep formulas with their marks', () => {
    expect(htmlOf('Let $x<1$ be')).toBe('<p>Let <span>$x&#x3C;1$</span> be</p>');
    expect(plainTextOf('\\[\na\n+ b\n\\]')).toBe('$$a + b$$');
  });

  it('have no marks as plain text', () => {
    expect(
      plainTextOf('# A\n\nSome **bold** [link](https://a.example).\n\n1. one\n2. two\n   - in\n\n```js\nlet a;\n```'),
    ).toBe('A\n\nSome bold link.\n\n1. one\n2. two\n◦ in\nlet a;');
    expect(plainTextOf('| a | b |\n| - | - |\n| 1 | 2 |')).toBe('a\tb\n1\t2');
  });

  it('are the Markdown itself where it is nested without end', () => {
    const deep = '> '.repeat(3_000) + 'x';
    expect(plainTextOf(deep)).toBe(deep);
    expect(htmlOf(deep)).toMatch(/^<pre>/);
  });
});
