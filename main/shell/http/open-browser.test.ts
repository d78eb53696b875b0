import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openBrowser } from './open-browser.ts';

const TOKEN = 'V1x_a-long-token';
const url = `http://127.0.0.1:4735/#token=${TOKEN}`;

describe.skipIf(process.platform !== 'linux')('the address in the browser', () => {
  /** Opens it with a stand-in for the system's opener, which tells what others see of it and waits for its end. */
  async function open(
    prepare: (file: string) => void = () => {},
  ): Promise<{ file: string; seen: string; pid: number }> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-open-'));
    const seen = path.join(folder, 'seen');
    const opener = path.join(folder, 'xdg-open');
    writeFileSync(opener, `#!/bin/sh\necho "$$ $*" > '${seen}.part'\nmv '${seen}.part' '${seen}'\nexec sleep 60\n`);
    chmodSync(opener, 0o755);
    const before = process.env['PATH'] ?? '';
    process.env['PATH'] = `${folder}${path.delimiter}${before}`;
    onTestFinished(() => {
      process.env['PATH'] = before;
      rmSync(folder, { recursive: true, force: true });
    });
    const file = path.join(folder, 'open.html');
    prepare(file);
    const opened = openBrowser(url, folder);
    onTestFinished(opened.close);
    await expect.poll(() => existsSync(seen), { timeout: 20_000 }).toBe(true);
    const said = readFileSync(seen, 'utf8').trim();
    const pid = Number(said.split(' ')[0]);
    onTestFinished(() => void process.kill(pid));
    return { file, seen: said, pid };
  }

  it('is in a file that only this user reads, and in no arguments or variables of a process', async () => {
    const { file, seen, pid } = await open();
    expect(seen).toBe(`${pid} ${file}`);
    for (const part of ['cmdline', 'environ'])
      expect(readFileSync(`/proc/${pid}/${part}`, 'utf8')).not.toContain(TOKEN);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(/http-equiv="refresh" content="0; url=(.*?)"/.exec(readFileSync(file, 'utf8'))?.[1]).toBe(url);
  });

  it('is never written into a file that others could read before', async () => {
    const { file } = await open((old) => {
      writeFileSync(old, 'of an earlier start');
      chmodSync(old, 0o644);
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is deleted with the app', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-open-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const before = process.env['PATH'];
    // No opener is there: the address was printed.
    process.env['PATH'] = folder;
    const opened = openBrowser(url, folder);
    if (before === undefined) delete process.env['PATH'];
    else process.env['PATH'] = before;
    const file = path.join(folder, 'open.html');
    expect(existsSync(file)).toBe(true);
    opened.close();
    expect(existsSync(file)).toBe(false);
    opened.close();
  });
});
