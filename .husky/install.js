// `npm ci` and `npm install` run this: it points git at the hooks of this folder. It leaves git as it is where there is no repository (a
// tarball), where the repository has hooks of its own, on CI, with HUSKY=0 and without the development packages; and it never makes an
// installation fail.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

/** Whether somebody has put hooks into this repository. */
function hasOwnHooks() {
  const folder = execFileSync('git', ['rev-parse', '--git-path', 'hooks'], { encoding: 'utf8' }).trim();
  if (folder === '.husky/_') return false;
  return existsSync(folder) && readdirSync(folder).some((name) => !name.endsWith('.sample'));
}

try {
  if (existsSync('.git') && process.env['CI'] !== 'true' && process.env['HUSKY'] !== '0' && !hasOwnHooks()) {
    const { default: husky } = await import('husky');
    const problem = husky();
    if (problem !== '') console.error(`The pre-commit hook was not set up: ${problem}`);
  }
} catch (error) {
  console.error(`The pre-commit hook was not set up: ${error.message}`);
}
