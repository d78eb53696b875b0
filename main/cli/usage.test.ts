import { describe, expect, it } from 'vitest';
import { helpOf } from './help.ts';
import { parseInvocation, UsageError } from './invocation.ts';
import type { CommandUsage } from './option.ts';
import { commonOptions, usage } from './usage.ts';

describe.each(Object.entries<CommandUsage>(usage))('the help of hearth %s', (name, command) => {
  const help = helpOf(name).text;
  const synopsis = help.split('\n')[0] ?? '';

  it('explains what it takes, and nothing else', () => {
    expect(synopsis.startsWith(`Usage: hearth ${name} `)).toBe(true);
    expect(/^ {2}MODEL is /m.test(help)).toBe(/MODEL|TAG/.test(synopsis));
    expect(/^ {2}OWNER\/NAME\[@REVISION\] is /m.test(help)).toBe(/OWNER\/NAME \|/.test(synopsis));
    for (const option of Object.keys(command.options)) expect(help).toMatch(new RegExp(`^  --${option}\\b`, 'm'));
  });

  it('fits into a terminal', () => {
    expect(help.split('\n').filter((line) => line.length > 125)).toEqual([]);
  });

  it('has no option of a name that all commands have, nor two with one letter', () => {
    const all: CommandUsage['options'] = { ...command.options, ...commonOptions };
    expect(Object.keys(all)).toHaveLength(Object.keys(command.options).length + Object.keys(commonOptions).length);
    const shorts = Object.values(all).flatMap(({ short }) => short ?? []);
    expect(new Set(shorts).size).toBe(shorts.length);
  });

  it('takes arguments that can be told apart', () => {
    const { arguments: taken } = command;
    expect(taken.slice(0, -1).filter(({ isOpen }) => isOpen)).toEqual([]);
    const firstOptional = taken.findIndex(({ isOptional }) => isOptional);
    if (firstOptional !== -1) expect(taken.slice(firstOptional).every(({ isOptional }) => isOptional)).toBe(true);
    if (command.insteadOfLast !== undefined) expect(command.options).toHaveProperty(command.insteadOfLast);
  });
});

describe('the arguments', () => {
  const run = (...args: string[]): unknown => {
    try {
      return parseInvocation(args);
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
  };

  it('are checked for their own command', () => {
    expect(run('run', 'm', '--seed=-1', '--system', '- brief', '--', '--raw')).toMatchObject({
      name: 'run',
      positionals: ['m', '--raw'],
      values: { seed: '-1', system: '- brief', raw: false, temperature: undefined },
    });
    expect(run('list', '--raw')).toBe('"list" has no option --raw.');
    expect(run('run', 'm', 'p', '--temprature', '1')).toBe(
      '"run" has no option --temprature. Did you mean --temperature?',
    );
    expect(run('run', 'm', 'p', '--system', '--raw')).toBe('--system needs a value.');
    expect(run('convert', 'm', '-o')).toBe('-o needs a value.');
    expect(run('convert', 'm', '-o', 'x')).toMatchObject({ values: { output: 'x' } });
    expect(run('list', '--constructor')).toBe('"list" has no option --constructor.');
  });

  it('name a model, not an empty one', () => {
    for (const name of ['', ' ']) expect(run('run', name, 'hi')).toMatch(/^The model is empty\. "hearth list" shows/);
    expect(run('chat', '')).toMatch(/^The model is empty\./);
    expect(run('run', 'm', '')).toMatchObject({ positionals: ['m', ''] });
  });

  it('name the command anywhere after the options of all commands', () => {
    expect(run('--json', 'list')).toMatchObject({ name: 'list' });
    expect(run('--seed', '1', 'run')).toBe(
      'There is no option --seed that stands before the command. The options of a command follow its name.',
    );
    expect(run('lsit')).toBe('There is no command "lsit". Did you mean "list"?');
    expect(run('constructor')).toBe('There is no command "constructor".');
    expect(run('list', '-h')).toEqual({ kind: 'help', topic: 'list' });
    expect(run('-h', 'list')).toEqual({ kind: 'help', topic: 'list' });
    expect(run('help', 'list')).toEqual({ kind: 'help', topic: 'list' });
    expect(run('--version', '--json')).toEqual({ kind: 'version' });
    expect(run()).toBe('No command was given.');
    expect(run('ls')).toBe('There is no command "ls". Did you mean "list"?');
    for (const asked of [['-v'], ['-V'], ['version'], ['version', '--json'], ['-V', '--json']])
      expect(run(...asked)).toEqual({ kind: 'version' });
    expect(run('version', 'x')).toBe('"version" takes no argument.');
    expect(run('-v', 'list')).toMatch(/^There is no option -v that stands before/);
    expect(() => helpOf('lsit')).toThrow('Did you mean "list"?');
  });
});
