import { describe, expect, it } from 'vitest';
import { cardLink } from './card-links.ts';

const page = 'https://hub.example/owner/name';

describe('cardLink', () => {
  it.each([
    ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
    ['mailto:someone@example.org', 'mailto:someone@example.org'],
    ['LICENSE', 'https://hub.example/owner/name/blob/main/LICENSE'],
    ['//example.org/x', 'https://example.org/x'],
    ['javascript:alert(1)', null],
    ['JaVaScRiPt:alert(1)', null],
    ['\u0001javascript:alert(1)', null],
    ['java\nscript:alert(1)', null],
    ['data:text/html,x', null],
    ['file:///etc/passwd', null],
    ['ms-settings:x', null],
    ['https://[bad', null],
    ['#usage', null],
    [undefined, null],
  ])('%j leads to %j', (target, expected) => expect(cardLink(target, page)).toBe(expected));
});
