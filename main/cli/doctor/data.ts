/** The database, the app that has it, and the ports that apps listen on. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { checkoutLayout } from '../../app/layout.ts';
import { formatBytes } from '../../base/format.ts';
import { shownName } from '../../base/foreign-text.ts';
import type { Invocation } from '../invocation.ts';
import { findRunningApp } from '../running-app.ts';
import { ok, problem, problemOf, warning, type Finding } from './finding.ts';

/** Where Hearth's server for programs listens by default. */
const API_PORT = 11_535;

export async function checkData({ environment, signal, version }: Invocation): Promise<readonly Finding[]> {
  const app = await findRunningApp(environment, signal).catch(() => null);
  const findings = [await checkDatabase(environment.dataFolder)];
  if (app === null) findings.push(ok('data', 'app', 'No app runs on this data folder.'));
  else if (app.version === version)
    findings.push(ok('data', 'app', `Hearth runs (${app.owner}, process ${app.pid}) at ${app.origin}.`));
  else
    findings.push(
      warning(
        'data',
        'app',
        `Hearth ${shownName(app.version)} runs, and this is ${version}.`,
        'Close the app and start it again, so that commands can ask it.',
      ),
    );
  return [...findings, await checkPort(app !== null)];
}

async function checkDatabase(dataFolder: string): Promise<Finding> {
  try {
    // SQLite is loaded here, so that the rest is checked also where it cannot be.
    const { checkStore } = await import('../../store/check-store.ts');
    const found = checkStore(dataFolder, checkoutLayout().migrationsFolder);
    if (found === null) return ok('data', 'database', 'There is none yet; the first start makes it.');
    const { schema, knownSchema, damage, sizeBytes, isReadableByOthers, file } = found;
    if (damage.length > 0)
      return problem(
        'data',
        'database',
        `The file with the chats is damaged: ${damage.map(shownName).join('; ')}`,
        'Copy hearth.db elsewhere first. When Hearth is started, it saves what can still be read.',
        'store.corrupt',
      );
    if (schema > knownSchema)
      return problem(
        'data',
        'database',
        `It was written by a newer version of Hearth (schema ${schema}, known ${knownSchema}).`,
        'Update Hearth. Nothing is changed until then.',
        'store.newer_schema',
      );
    if (isReadableByOthers)
      return warning('data', 'database', `Other users of this computer can read ${file}.`, `chmod 600 ${file}`);
    const older = schema < knownSchema ? `, which the next start brings to ${knownSchema}` : '';
    return ok('data', 'database', `Sound, ${formatBytes(sizeBytes)}, schema ${schema}${older}.`);
  } catch (error) {
    return problemOf(
      'data',
      'database',
      error,
      'Copies of it lie beside it in the data folder, where there are any: hearth-before-….db.',
    );
  }
}

async function checkPort(isAppRunning: boolean): Promise<Finding> {
  const server = createServer();
  try {
    server.listen(API_PORT, '127.0.0.1');
    await once(server, 'listening');
    return ok('ports', String(API_PORT), `Port ${API_PORT} is free for the server for programs.`);
  } catch {
    return isAppRunning
      ? ok('ports', String(API_PORT), `Port ${API_PORT} is in use, perhaps by the Hearth that runs.`)
      : warning(
          'ports',
          String(API_PORT),
          `Another program has port ${API_PORT}.`,
          'Give the server for programs another port.',
        );
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
