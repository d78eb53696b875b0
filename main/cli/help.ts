/** The help of the command line, written from the table of usage.ts. */
import { unknownCommand } from './invocation.ts';
import type { CommandUsage, Option } from './option.ts';
import { isCommand, usage, type CommandName } from './usage.ts';

const repositoryHelp = `  OWNER/NAME[@REVISION] is a repository of safetensors. REVISION is a branch, a tag or a commit.
`;
const modelHelp = `  MODEL is OWNER/NAME[@REVISION][:TAG], the path of a GGUF file, ember, the built-in model, or a name that you gave to a
  model. TAG is a quantization, such as Q4_K_M, or the name of a file. REVISION is a branch, a tag or a commit.
`;
const jsonHelp = `  --json with any command: print one JSON object; before it a line for each piece of a reply, and for the progress of work
  {"type":"progress","phase":TEXT,"doneBytes":N,"totalBytes":N}
`;

/** The longest line of a help. */
const LINE_LENGTH = 120;
/** The column of the second text of a list. */
const OPTION_COLUMN = 20;
const COMMAND_COLUMN = 12;

/** The command with its arguments, such as `run MODEL "PROMPT"`. */
function synopsisOf(name: CommandName): string {
  const { arguments: parts, required }: CommandUsage = usage[name];
  return [name, ...parts.map(({ shown }) => shown), ...(required === undefined ? [] : [required])].join(' ');
}

/** An option as it is written, such as `--output FILE, -o`. */
function spellingOf(name: string, option: Option): string {
  const short = option.short === undefined ? '' : `, -${option.short}`;
  return `--${name}${option.kind === 'flag' ? '' : ` ${option.shown}`}${short}`;
}

/** The lines of a text, of at most `width` characters where its words are not longer. */
function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A name and its text in two columns; below it where the name is too long for its column. */
function twoColumns(name: string, text: string, column: number): string {
  const [first = '', ...rest] = wrapped(text, LINE_LENGTH - column - 2).map((line) => `  ${' '.repeat(column)}${line}`);
  const isShort = name.length < column;
  const head = isShort ? `  ${name}${first.slice(name.length + 2)}` : `  ${name}\n${first}`;
  return [head, ...rest].join('\n');
}

/** The options of a command, one below the other. */
function optionsOf(name: CommandName): string {
  const { options }: CommandUsage = usage[name];
  const lines = Object.entries(options).map(([option, told]) => {
    const repeated = told.kind === 'list' ? '; may be given several times' : '';
    return `${twoColumns(spellingOf(option, told), `${told.help}${repeated}`, OPTION_COLUMN)}\n`;
  });
  return lines.length === 0 ? '' : `${lines.join('')}\n`;
}

/** The help of one command. */
function commandHelp(name: CommandName): string {
  const synopsis = synopsisOf(name);
  const { notes: own = [] }: CommandUsage = usage[name];
  const notes = [
    own.map((line) => `  ${line}\n`).join(''),
    /MODEL|TAG/.test(synopsis) ? modelHelp : '',
    /OWNER\/NAME \|/.test(synopsis) ? repositoryHelp : '',
  ].join('');
  const purpose = wrapped(usage[name].purpose, LINE_LENGTH - 2)
    .map((line) => `  ${line}`)
    .join('\n');
  return `Usage: hearth ${synopsis} [OPTIONS]\n\n${purpose}\n\n${optionsOf(name)}${notes}${jsonHelp}`;
}

/** The list of all commands. */
function generalHelp(): string {
  const lines = Object.keys(usage).map((name) =>
    isCommand(name) ? twoColumns(name, usage[name].purpose, COMMAND_COLUMN) : '',
  );
  return `Usage: hearth COMMAND [OPTIONS]

${lines.join('\n')}

${modelHelp}${jsonHelp}  hearth COMMAND --help: the arguments and options of a command
  hearth --version: print the version
`;
}

/**
 * The help of the topic that was asked for: of all commands without one.
 * @throws UsageError for a topic that is no command.
 */
export function helpOf(topic: string | undefined): { readonly object: object; readonly text: string } {
  if (topic === undefined) return { object: { commands: Object.keys(usage).map(facts) }, text: generalHelp() };
  if (isCommand(topic)) return { object: facts(topic), text: commandHelp(topic) };
  throw unknownCommand(topic);
}

/** A command for programs that write a form or a completion from it. */
function facts(name: string): object {
  return isCommand(name) ? { name, synopsis: synopsisOf(name), ...(usage[name] satisfies CommandUsage) } : {};
}

/** The lines below the sentence of a wrong usage. */
export function usageHint(name: string | undefined): string {
  return isCommand(name)
    ? `Usage: hearth ${synopsisOf(name)} [OPTIONS]\nhearth ${name} --help lists the options.\n`
    : 'Usage: hearth COMMAND [OPTIONS]\nhearth --help lists the commands.\n';
}
