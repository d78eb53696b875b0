/** The desktop entry: the app behind a window. */
import path from 'node:path';
import { app } from 'electron';
import { createLog } from './base/log.ts';
import { createApp } from './app/app.ts';
import { createConvertChildren } from './app/convert-children.ts';
import { builtInModel } from './app/built-in.ts';
import { readEnvironment } from './app/environment.ts';
import { checkoutLayout, installedLayout } from './app/layout.ts';
import { runSelfTest } from './shell/electron/self-test.ts';
import { selfTestFile, selfTestSurroundings } from './shell/electron/self-test-report.ts';
import { startElectronShell } from './shell/electron/shell.ts';
import { createSpawnChild } from './process/spawn-child.ts';

// A launcher may close the other end of these streams, which must not end the app.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const testFile = selfTestFile(process.argv);
const environment = testFile === null ? readEnvironment() : readEnvironment(...selfTestSurroundings(testFile));
const log = createLog({
  folder: path.join(environment.dataFolder, 'logs'),
  level: environment.logLevel,
  echo: (_level, text) => void process.stderr.write(`${text}\n`),
});
const layout = app.isPackaged
  ? installedLayout(app.getAppPath(), process.resourcesPath)
  : checkoutLayout(app.getAppPath());

startElectronShell({
  dataFolder: environment.dataFolder,
  pageFolder: layout.pageFolder,
  preloadPath: layout.preloadPath,
  iconPath: layout.iconPath,
  isDevelopment: !app.isPackaged,
  openApp: (parts) =>
    createApp({
      shell: 'electron',
      version: app.getVersion(),
      environment,
      migrationsFolder: layout.migrationsFolder,
      builtInModelPath: layout.builtInModelPath,
      measuredTextPath: layout.measuredTextPath,
      spawnChild: createSpawnChild(
        layout.nodePath,
        layout.engineChildPath,
        path.join(environment.dataFolder, 'states'),
        app.isPackaged ? null : environment.inspectChildPort,
      ),
      convertChildren: createConvertChildren(layout),
      log,
      ...parts,
    }),
  openDoor: async (hearth) => {
    const { tryOpenDoor } = await import('./shell/http/door.ts');
    const { dataFolder } = environment;
    return await tryOpenDoor({ app: hearth, dataFolder, version: app.getVersion(), owner: 'desktop' }, log.warn);
  },
  log: log.warn,
  ...(testFile !== null && {
    onWindow: () =>
      void runSelfTest({
        file: testFile,
        dataFolder: environment.dataFolder,
        builtInModelPath: layout.builtInModelPath,
        builtInModelId: builtInModel.id,
      }),
  }),
});
