/** A reference with a revision means what is on this computer of that revision, and nothing else. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findModelFile } from '../../../main/cli/model-files.ts';
import { checkoutLayout } from '../../../main/app/layout.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';

const ember = path.join(import.meta.dirname, '../../../assets/models/ember-3M-Q8_0.gguf');
const commits = { main: 'a'.repeat(40), dev: 'b'.repeat(40), 'refs/pr/3': 'c'.repeat(40) };

/** A cache with a model of the same name in three revisions. */
async function cache(): Promise<string> {
  const folder = await temporaryFolder();
  const repository = path.join(folder, 'models--o--n');
  for (const [ref, commit] of Object.entries(commits)) {
    await mkdir(path.join(repository, 'snapshots', commit), { recursive: true });
    await copyFile(ember, path.join(repository, 'snapshots', commit, 'm-Q8_0.gguf'));
    await mkdir(path.dirname(path.join(repository, 'refs', ref)), { recursive: true });
    await writeFile(path.join(repository, 'refs', ref), commit);
  }
  return folder;
}

describe('a reference with a revision', () => {
  it.each([
    ['o/n', commits.main],
    ['o/n@main', commits.main],
    ['o/n@dev', commits.dev],
    ['o/n@dev:Q8_0', commits.dev],
    ['o/n@dev/m-Q8_0.gguf', commits.dev],
    ['O/N@bbbbbbb', commits.dev],
    ['o/n@refs/pr/3', commits['refs/pr/3']],
    ['https://huggingface.co/o/n/tree/dev', commits.dev],
    ['https://huggingface.co/o/n/blob/dev/m-Q8_0.gguf', commits.dev],
    ['https://huggingface.co/o/n/blob/main/m-Q8_0.gguf', commits.main],
  ])('%s means that revision', async (reference, commit) => {
    const found = await findModelFile(reference, { cacheFolder: await cache(), layout: checkoutLayout() });
    expect([found.commit, found.path]).toEqual([commit, 'm-Q8_0.gguf']);
    expect(found.openPath).toContain(commit);
  });

  it('that is not here is no other one', async () => {
    const places = { cacheFolder: await cache(), layout: checkoutLayout() };
    for (const reference of ['o/n@v2', 'o/n@ddddddd', 'o/n@bbbbbb', 'https://huggingface.co/o/n/tree/v2'])
      await expect(findModelFile(reference, places)).rejects.toMatchObject({ code: 'model.missing' });
  });
});
