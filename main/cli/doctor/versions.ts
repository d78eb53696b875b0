/** The versions of what Hearth is made of. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { checkoutRoot } from '../../app/layout.ts';
import { shownName } from '../../base/foreign-text.ts';
import type { Invocation } from '../invocation.ts';
import { ok, problemOf, warning, type Finding } from './finding.ts';

/** The oldest Node that runs the sources; the launcher hands over to a newer one. */
const LEAST_NODE = 24;

export function checkVersions({ version, environment }: Invocation): readonly Finding[] {
  const node = Number(process.versions.node.split('.')[0]);
  return [
    ok('versions', 'Hearth', `${version} on ${process.platform} ${process.arch}.`),
    node < LEAST_NODE
      ? warning('versions', 'Node', `${process.versions.node}.`, `Hearth needs Node ${LEAST_NODE} or later.`)
      : ok('versions', 'Node', `${process.versions.node}.`),
    packageFinding('node-llama-cpp', 'llama.cpp', 'llama/llama.cpp.info.json'),
    packageFinding('better-sqlite3', 'SQLite'),
    ...electronFinding(),
    ...environment.warnings.map(({ variable }) =>
      warning(
        'versions',
        variable,
        `The variable ${shownName(variable)} is not used as it is.`,
        'Its warning stands at the beginning of this output.',
      ),
    ),
  ];
}

/** The version of an npm package, with the tag of the llama.cpp that it was built from. */
function packageFinding(name: string, of: string, inside?: string): Finding {
  try {
    const folder = folderOf(name);
    const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
    const { tag } =
      inside === undefined
        ? { tag: undefined }
        : (JSON.parse(readFileSync(path.join(folder, inside), 'utf8')) as { tag?: string });
    return ok('versions', of, `${tag === undefined ? '' : `${shownName(tag)}, `}${name} ${shownName(version)}.`);
  } catch (error) {
    return problemOf('versions', of, error, 'Install Hearth again: npm ci in a checkout.');
  }
}

/** Electron is there only for the desktop app. */
function electronFinding(): readonly Finding[] {
  const running = process.versions['electron'];
  if (running !== undefined) return [ok('versions', 'Electron', `${running}.`)];
  try {
    return [packageFinding('electron', 'Electron')].filter(({ status }) => status === 'ok');
  } catch {
    return [];
  }
}

const require = createRequire(path.join(checkoutRoot, 'package.json'));

/** The folder of an installed package; some packages do not export their package.json. */
function folderOf(name: string): string {
  const found = (require.resolve.paths(name) ?? []).map((folder) => path.join(folder, name));
  for (const folder of found) {
    try {
      readFileSync(path.join(folder, 'package.json'));
      return folder;
    } catch {
      // The next place is tried.
    }
  }
  throw new Error(`${name} is not installed.`);
}
