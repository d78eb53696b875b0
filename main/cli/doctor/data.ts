/** The database, the app that has it, and the ports that apps listen on. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { DEFAULT_API_PORT } from '../../../preload/contract/api-port.ts';
import { checkoutLayout } from '../../app/layout.ts';
import { formatBytes } from '../../base/format.ts';
import { shownName } from '../../base/foreign-text.ts';
import type { Invocation } from '../invocation.ts';
import { findRunningApp } from '../running-app.ts';
import { ok, problem, problemOf, warning, type Finding } from './finding.ts';

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
  return [...findings, await checkPort(await apiPort(environment.dataFolder), app !== null)];
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

/** The port of the settings of the server for programs. */
async function apiPort(dataFolder: string): Promise<number> {
  try {
    const { peekSetting } = await import('../../store/store.ts');
    const settings = peekSetting(dataFolder, 'server');
    const port = typeof settings === 'object' && settings !== null && 'port' in settings ? settings.port : null;
    return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : DEFAULT_API_PORT;
  } catch {
    // The finding of the database says why.
    return DEFAULT_API_PORT;
  }
}

async function checkPort(port: number, isAppRunning: boolean): Promise<Finding> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return ok('ports', String(port), `Port ${port} is free for the server for programs.`);
  } catch {
    return isAppRunning
      ? ok('ports', String(port), `Port ${port} is in use, perhaps by the Hearth that runs.`)
      : warning(
          'ports',
          String(port),
          `Another program has port ${port}.`,
          'Give the server for programs another port.',
        );
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
