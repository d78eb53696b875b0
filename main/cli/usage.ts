/** What the command line says of itself: its commands, their arguments and their options. */

interface CommandHelp {
  readonly synopsis: string;
  readonly purpose: string;
  /** Lines of options. */
  readonly options: readonly string[];
}

const quantizeHelp = [
  '--imatrix FILE      an importance matrix, as "hearth imatrix" makes it; "text" collects one from the text that comes with Hearth',
  '--pure              every tensor in the type, without a mixture',
  '--output-tensor-type TYPE, --embedding-type TYPE',
  '                    the type of the output tensor, and of the token embeddings, such as Q6_K',
  '--tensor-types P=T  types of the tensors whose names match patterns, with commas between them',
  '--prune-layers N,N  leave layers out, counted from 0; "hearth measure" says what that costs',
];

const commandHelp = {
  pull: {
    synopsis: 'pull OWNER/NAME[:TAG] | OWNER/NAME/FILE.gguf',
    purpose: 'download a model into the Hugging Face cache',
    options: [],
  },
  list: { synopsis: 'list', purpose: 'list the models on this computer', options: [] },
  run: {
    synopsis: 'run MODEL "PROMPT"',
    purpose: "print the model's reply",
    options: [
      "--raw               pass on the prompt as it is, without the model's chat template",
      '--system TEXT       system prompt; not with --raw',
      '--temperature N     0 to 5; with 0, the default, the likeliest token is always taken',
      '--seed N            the same seed gives the same reply',
      '--max-tokens N      end the reply after N tokens',
    ],
  },
  serve: {
    synopsis: 'serve',
    purpose: 'serve the app to a browser on this computer',
    options: ['--port N            the port; without it a free one is chosen'],
  },
  template: {
    synopsis: 'template MODEL | FILE.jinja',
    purpose: 'print the prompt that a chat template makes of a conversation',
    options: [
      "--messages FILE     the messages, as JSON in the form of OpenAI's API: their list, or a request with it",
      '--tools FILE        the tools, as JSON in the same form',
      '--now TIME          the time that the template is given, such as 2026-01-31T12:00:00',
      "--bos TEXT          the beginning-of-text token; without it, the model's",
      "--eos TEXT          the end-of-text token; without it, the model's",
      '--parse FILE        print how the reply in FILE to that conversation is read, as {reasoning, content, calls}',
    ],
  },
  schema: {
    synopsis: 'schema FILE.json | -',
    purpose: 'print the grammar (GBNF) that keeps replies to a JSON schema',
    options: [],
  },
  convert: {
    synopsis: 'convert OWNER/NAME | FOLDER',
    purpose: 'convert a model in safetensors to a GGUF file',
    options: [
      '--check             only say whether it can be converted, with the size, memory, speed and use of each type; --all lists all types',
      '--to TYPE           the type of the output, such as F16, Q8_0 or Q4_K_M; without it the one that suits this computer',
      '--output FILE, -o   the file to write; without it NAME-TYPE.gguf in this folder',
      '--keep-source       download the model into the Hugging Face cache; without it nothing of it is kept',
      ...quantizeHelp,
    ],
  },
  quantize: {
    synopsis: 'quantize MODEL --to TYPE',
    purpose: 'write a GGUF model in another type',
    options: [
      '--to TYPE           the type, such as Q8_0, Q4_K_M or IQ4_XS',
      '--check             only say the size to the byte; without --to list the types with size, memory, speed and use (--all: all of them)',
      '--output FILE, -o   the file to write; without it NAME-TYPE.gguf in this folder',
      '--allow-requantize  also where the model is quantized already, which loses more',
      ...quantizeHelp,
    ],
  },
  imatrix: {
    synopsis: 'imatrix MODEL',
    purpose: 'collect an importance matrix, with which small quantizations lose less',
    options: [
      '--text FILE         the text to collect it from; without it the one that comes with Hearth',
      '--output FILE, -o   the file to write; without it NAME-imatrix.gguf in this folder',
    ],
  },
  measure: {
    synopsis: 'measure REFERENCE MODEL...',
    purpose: 'measure what quantizations cost against the model that they were made of',
    options: ['--text FILE         the text to measure on; without it the one that comes with Hearth'],
  },
  verify: {
    synopsis: 'verify MODEL',
    purpose: 'try whether a model runs',
    options: ['--source FROM       a repository or a folder, whose tokenizer must give the same ids'],
  },
  tokenize: {
    synopsis: 'tokenize MODEL | FOLDER "TEXT"',
    purpose: "print the ids that a model's tokenizer gives a text",
    options: [
      'MODEL               a GGUF model has its own tokenizer in llama.cpp; OWNER/NAME alone and FOLDER have a tokenizer.json',
      '--text FILE         the text of a file in place of TEXT, of any length; - is standard input',
      '--no-special        without the tokens around the text; with --decode without special tokens',
      '--decode            the other way: TEXT is ids, and their text is printed',
    ],
  },
  split: {
    synopsis: 'split MODEL NAME',
    purpose: 'split a GGUF model into NAME-00001-of-00003.gguf and so on',
    options: [
      '--max-size N        the size of a file, such as 500M or 4G',
      '--max-tensors N     the tensors in a file; 128 without either option',
    ],
  },
  merge: {
    synopsis: 'merge FILE-00001-of-00003.gguf OUTPUT.gguf',
    purpose: 'merge the files of a GGUF model into one',
    options: [],
  },
  export: {
    synopsis: 'export MODEL FOLDER',
    purpose: 'write a GGUF model as safetensors with config.json and its tokenizer',
    options: [],
  },
  adapter: {
    synopsis: 'adapter ADAPTER BASE OUTPUT.gguf',
    purpose:
      'convert a LoRA adapter (PEFT) for its base model; each is a folder or a repository, OWNER/NAME[@REVISION]',
    options: [
      '--merge             write the base with the adapter merged into it',
      '--to TYPE           F32, F16, BF16 or Q8_0; F16 without it',
    ],
  },
} as const satisfies Readonly<Record<string, CommandHelp>>;

const repositoryHelp = `  OWNER/NAME[@REVISION] is a repository of safetensors. REVISION is a branch, a tag or a commit.
`;
const modelHelp = `  MODEL is OWNER/NAME[@REVISION][:TAG], the path of a GGUF file, or ember, the built-in model. TAG is a quantization,
  such as Q4_K_M, or the name of a file. REVISION is a branch, a tag or a commit.
`;
const jsonHelp = `  --json with any command: print one JSON object; before it a line for each piece of a reply, and for the progress of work
  {"type":"progress","phase":TEXT,"doneBytes":N,"totalBytes":N}
`;

const helpOf = (name: string): CommandHelp | null =>
  Object.hasOwn(commandHelp, name) ? commandHelp[name as keyof typeof commandHelp] : null;

/** The help of one command; that of all for another name. */
export function helpText(name: string | undefined): string {
  const command = name === undefined ? null : helpOf(name);
  if (command === null) {
    const all = Object.values<CommandHelp>(commandHelp).flatMap(({ synopsis, purpose, options }) => [
      `  ${synopsis.padEnd(46)} ${purpose}`,
      ...options.map((line) => `      ${line}`),
    ]);
    return `Usage: hearth COMMAND [OPTIONS]\n\n${all.join('\n')}\n\n${modelHelp}${jsonHelp}  --help: print this text, or with a command that command's part\n  --version: print the version\n`;
  }
  const lines = command.options.map((line) => `  ${line}\n`).join('');
  const options = lines === '' ? '' : `${lines}\n`;
  const model = [
    /MODEL|TAG/.test(command.synopsis) ? modelHelp : '',
    /OWNER\/NAME \|/.test(command.synopsis) ? repositoryHelp : '',
  ].join('');
  return `Usage: hearth ${command.synopsis} [OPTIONS]\n\n  ${command.purpose}\n\n${options}${model}${jsonHelp}`;
}

/** The lines below the sentence of a wrong usage. */
export function usageHint(name: string | undefined): string {
  const command = name === undefined ? null : helpOf(name);
  return command === null
    ? 'Usage: hearth COMMAND [OPTIONS]\nhearth --help lists the commands and their options.\n'
    : `Usage: hearth ${command.synopsis} [OPTIONS]\nhearth ${name ?? ''} --help lists the options.\n`;
}
