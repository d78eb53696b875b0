/** Reads the HTML that highlight.js writes, which has `span` elements with classes, and five characters escaped. */
import { tokenKinds, type CodeTokens, type TokenKind } from './token-kinds.ts';

/** highlight.js's scopes by their first word. A scope that is not here has the color of what is around it. */
const kindOf: Readonly<Record<string, TokenKind>> = {
  ...{ comment: 'comment', quote: 'comment' },
  ...{ keyword: 'keyword', 'selector-tag': 'keyword', literal: 'keyword', section: 'keyword', doctag: 'keyword' },
  ...{ string: 'string', regexp: 'string', addition: 'string', 'template-tag': 'string' },
  ...{ number: 'number', symbol: 'number', bullet: 'number', variable: 'number', 'template-variable': 'number' },
  ...{ title: 'title', name: 'title', 'selector-id': 'title', 'selector-class': 'title', type: 'title' },
  ...{ built_in: 'property', attr: 'property', attribute: 'property', property: 'property', meta: 'property' },
  ...{ deletion: 'deletion', emphasis: 'emphasis', strong: 'strong', subst: 'plain' },
};

const piece = /<span class="hljs-([\w-]+)[^"]*">|<span[^>]*>|(<\/span>)|&[^;]+;|[^<&]+/g;

export function tokensOf(html: string): CodeTokens {
  const ends: number[] = [];
  const kinds: number[] = [];
  const open: number[] = [0];
  let end = 0;
  for (const [text, scope, close] of html.matchAll(piece)) {
    if (close !== undefined) open.pop();
    else if (text.startsWith('<')) {
      const kind = kindOf[scope ?? ''];
      open.push(kind === undefined ? (open.at(-1) ?? 0) : tokenKinds.indexOf(kind));
    } else {
      end += text.startsWith('&') ? 1 : text.length;
      const kind = open.at(-1) ?? 0;
      if (kinds.at(-1) === kind) ends[ends.length - 1] = end;
      else {
        ends.push(end);
        kinds.push(kind);
      }
    }
  }
  return { ends: Uint32Array.from(ends), kinds: Uint8Array.from(kinds) };
}
