import { expect, it } from 'vitest';
import { readModelCard } from './model-card.ts';

it('reads scalars and lists in the forms that cards have', () => {
  const card = `---
license: other
license_name: "llama3"   # a comment
license_link: 'https://example.org/LICENSE'
language:
- en
- de
tags: [chat, "two words"]
base_model: owner/base
model-index:
- name: x
  results:
  - task: y
---
# Title
license: no
`;
  expect(readModelCard(card)).toEqual({
    license: 'other',
    licenseName: 'llama3',
    licenseLink: 'https://example.org/LICENSE',
    baseModels: ['owner/base'],
    tags: ['chat', 'two words'],
    languages: ['en', 'de'],
  });
  expect(readModelCard('---\r\nbase_model:\r\n  - a/b\r\n  - c/d\r\n---\r\n').baseModels).toEqual(['a/b', 'c/d']);
});

it.each(['', '# A card without front matter', '---\nlicense:\n---\n', '---\nlicense: |\n  text\n---\n'])(
  'says nothing for %j',
  (text) => {
    expect(readModelCard(text).license).toBeNull();
  },
);
