import { describe, expect, it } from 'vitest';
import { sentenceEnd, speakable } from './sentences.ts';

describe('sentences', () => {
  it('ends a sentence only when it is certainly finished', () => {
    expect(sentenceEnd('It costs 3.5 euros. And', 0, false)).toBe(20);
    expect(sentenceEnd('Half a sentence', 0, false)).toBe(0);
    expect(sentenceEnd('Half a sentence', 0, true)).toBe(15);
    expect(sentenceEnd('One. Two. Thr', 5, false)).toBe(10);
    expect(sentenceEnd('句子。下', 0, false)).toBe(3);
  });

  it('reads words without marks', () => {
    expect(speakable('## The **bold** `code`\n```js\nx\n```\n[a link](https://example.org)')).toBe(
      'The bold code x a link',
    );
    expect(speakable('| a | b |\n| --- | ---: |\n| 1 | 2 |')).toBe('a b 1 2');
    expect(speakable('2 * 3 = 6')).toBe('2 * 3 = 6');
  });

  it('reads a megabyte of brackets in no time', () => {
    const begun = performance.now();
    expect(speakable('*_`[$'.repeat(200_000)).length).toBeLessThan(4_001);
    // Quadratic reading takes minutes.
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});
