/** Completions in the shells themselves, of those that are on this computer. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandIn } from '../../support/hearth-command.ts';

const root = path.join(import.meta.dirname, '../../..');
let folder: string;
let hearth: ReturnType<typeof commandIn>;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-completion-'));
  hearth = commandIn(folder);
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(path.join(bin, 'hearth'), `#!/bin/sh\nexec "${process.execPath}" "${root}/main/hearth.mjs" "$@"\n`);
  chmodSync(path.join(bin, 'hearth'), 0o755);
  writeFileSync(path.join(folder, 'a file.gguf'), '');
  const snapshot = path.join(folder, 'cache/models--anna--Story-GGUF/snapshots', 'c'.repeat(40));
  mkdirSync(snapshot, { recursive: true });
  for (const type of ['Q4_0', 'Q8_0']) writeFileSync(path.join(snapshot, `Story-${type}.gguf`), 'GGUF');
});
afterAll(() => rmSync(folder, { recursive: true }));

function has(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The lines that a shell prints. */
const inShell = (shell: string, args: readonly string[], script: string): string[] =>
  execFileSync(shell, [...args, '-c', script], {
    cwd: folder,
    timeout: 60_000,
    encoding: 'utf8',
    env: {
      PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      TERM: 'dumb',
      HEARTH_DATA_DIR: path.join(folder, 'data'),
      HEARTH_CACHE_DIR: path.join(folder, 'cache'),
    },
  })
    .split('\n')
    .filter((line) => line !== '');

describe.runIf(has('bash'))('bash', () => {
  const complete = (line: string): string[] =>
    inShell(
      'bash',
      ['--noprofile', '--norc'],
      `source <(hearth completion bash); COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _hearth; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );

  it('completes commands, options, models and files', () => {
    expect(complete('hearth qua')).toEqual(['quantize']);
    expect(complete('hearth search --so')).toEqual(['--sort']);
    // What stands before the equals sign is a word of its own in bash.
    expect(complete('hearth search --sort=l')).toEqual(['likes']);
    expect(complete('hearth info an')).toEqual(['anna/Story-GGUF', 'anna/Story-GGUF:Q4_0', 'anna/Story-GGUF:Q8_0']);
    expect(complete('hearth info anna/Story-GGUF:Q8')).toEqual(['Q8_0']);
    expect(complete('hearth info ')).toEqual(expect.arrayContaining(['ember', 'a file.gguf']));
    expect(complete('hearth nothing ')).toEqual([]);
  });

  it('knows the function by the name of the command', () => {
    expect(inShell('bash', ['--noprofile', '--norc'], 'source <(hearth completion bash); complete -p hearth')).toEqual([
      'complete -F _hearth hearth',
    ]);
  });
});

describe.runIf(has('fish'))('fish', () => {
  it('completes commands, options, models and files', () => {
    const complete = (line: string): string[] =>
      inShell('fish', ['--no-config'], `hearth completion fish | source; complete -C '${line}'`);
    expect(complete('hearth qua')).toEqual(['quantize\twrite a GGUF model in another type']);
    expect(complete('hearth search --sort=l')).toEqual(['--sort=likes']);
    expect(complete('hearth info anna/Story-GGUF:')).toEqual(['anna/Story-GGUF:Q4_0', 'anna/Story-GGUF:Q8_0']);
    expect(complete('hearth info ').join('\n')).toMatch(/ember\tthe built-in model/);
  });
});

describe.runIf(has('zsh'))('zsh', () => {
  it('completes a line as it is typed', () => {
    // A terminal of zsh's own, in which the line and a tab are typed.
    const script = `
zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell 'PS1= PROMPT_EOL_MARK=; autoload -Uz compinit; compinit -u -D; source <(hearth completion zsh); bindkey "^I" complete-word; print READY'
zpty -r -m shell line '*READY*READY*'
zpty -w -n shell $'hearth quant\\t --all --to Q8_0 MODEL; print -r END\\C-a print -r -- \\n'
zpty -r -m shell line '*END*' && print -r -- "$line"
zpty -d shell`;
    expect(inShell('zsh', ['-f'], script).join('\n')).toContain('hearth quantize');
  });
});

it('is quick and never an error', async () => {
  for (const words of [[], ['1'], ['x'], ['2', 'info'], ['-1', '--'], ['9999999', 'run']])
    expect(await hearth(['__complete', ...words])).toMatchObject({ code: 0, err: '' });
  expect(await hearth(['completion', 'tcsh'])).toMatchObject({ code: 2 });
  expect((await hearth(['completion', '--help'])).out).toContain('hearth completion fish > ~/.config/fish');
});
