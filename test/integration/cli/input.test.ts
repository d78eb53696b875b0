/** Input that is no file of UTF-8: standard input, other encodings. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/hub-setup.ts';

const root = path.join(import.meta.dirname, '../../..');

it('a schema comes from standard input, and in UTF-16 as PowerShell 5 writes it', async () => {
  const folder = await temporaryFolder();
  const schema = '{"enum": ["yes", "nö"]}';
  const grammarOf = (file: string, input?: string): string => {
    const { stdout } = spawnSync(process.execPath, [path.join(root, 'main/hearth.mjs'), 'schema', file], {
      ...{ cwd: folder, input, encoding: 'utf8' },
      env: { PATH: process.env['PATH'], HOME: folder, HEARTH_DATA_DIR: folder },
    });
    return stdout;
  };
  const expected = 'root ::= "\\"yes\\"" | "\\"nö\\""\n';
  expect(grammarOf('-', schema)).toBe(expected);
  const little = Buffer.from(`\uFEFF${schema}`, 'utf16le');
  for (const [name, bytes] of [
    ['little.json', little],
    ['big.json', Buffer.from(little).swap16()],
  ] as const) {
    await writeFile(path.join(folder, name), bytes);
    expect(grammarOf(name)).toBe(expected);
  }
});
