/** The texts whose ids a verification compares: scripts, numbers, spaces, code, emoji, combining marks, and what is easily misread. */

const plain: readonly string[] = [
  '',
  ' ',
  '  ',
  '\n',
  ' \n \t \n  \n',
  'Hello, world!',
  ' leading space',
  'two trailing spaces  ',
  'a  b   c    d     e',
  '\ttabs\t\tbetween\t words',
  'line one\nline two\n\nline four\n\n\nline seven\n',
  'windows\r\nline ends\r\n\r\nhere\r',
  "I'm sure you're right; he'll say WE'VE won, it'd rain, DON'T",
  '1 12 123 1234 12345 123456 1234567',
  '12.5% of 1,000,000 is 125_000; -3e-7 0xFF 07/11/2024',
  'CamelCase snake_case kebab-case SCREAMING_CASE iPhone eBay McDonald',
  'function add(a, b) {\n  return a + b; // sum\n}\n',
  'def f(x):\n    if x >= 10:\n        return {"a": [1, 2], \'b\': None}\n',
  '<html><body class="x">&amp; \\n \\\\ $HOME ~/x #tag @name https://example.org/a?b=c&d=e</body></html>',
  '!!! ??? ... --- *** ((([[[{{{}}}]]])))',
  'Straße ÆØ İstanbul ǅ ﬁ ½ Ⅷ ²',
  'café e\u0301 n\u0303 A\u030a \u212b',
  'Привет, как дела? Съешь ещё этих мягких французских булок',
  'Γειά σου Κόσμε, τι κάνεις;',
  '小さな港、中文测试。한국어 문장 龍龘',
  'カタカナ ひらがな 漢字カナ交じり文',
  'مرحبا بالعالم، ١٢٣٤ שלום',
  'नमस्ते दुनिया १२३ বাংলা தமிழ்',
  'สวัสดีชาวโลก ភាសាខ្មែរ မြန်မာ',
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽🚀🚀',
  'no\u00a0break em\u2003zero\u200bwide\u3000tag',
  '“quoted” ‘single’ – — … • € £ ¥ ° ± × ÷',
  '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈 \ufffd',
  '\u2581marked \u0120x \u010a ##ing',
  'a'.repeat(200),
  'the quick brown fox '.repeat(20).trim(),
];

const MAX_SPECIAL = 24;

/** The texts, and among them the special tokens of a tokenizer: alone, in a sentence, and side by side. */
export function verificationTexts(specialTokens: readonly string[]): string[] {
  const special = specialTokens.slice(0, MAX_SPECIAL);
  return [
    ...plain,
    ...special,
    ...special.slice(0, 8).map((token) => `before ${token} after${token}end`),
    ...(special.length > 1 ? [special.join('')] : []),
  ];
}
