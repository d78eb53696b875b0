/** The commands, their arguments and their options, with what the help says of each. The one place of these texts. */
import { argument, choice, flag, open, optional, value, values, type CommandUsage } from './option.ts';

const quantizing = {
  threads: { ...value('N', 'threads that quantize; all cores without it'), short: 't' },
  imatrix: value(
    'FILE',
    'an importance matrix, as "hearth imatrix" makes it; "text" collects one from the text that comes with Hearth',
  ),
  pure: flag('every tensor in the type, without a mixture'),
  'output-tensor-type': value('TYPE', 'the type of the output tensor, such as Q6_K'),
  'embedding-type': value('TYPE', 'the type of the token embeddings'),
  'tensor-types': value('P=T', 'types of the tensors whose names match patterns, with commas between them'),
  'prune-layers': value('N,N', 'leave layers out, counted from 0; "hearth measure" says what that costs'),
};
const outputFile = { ...value('FILE', 'the file to write; without it NAME-TYPE.gguf in this folder'), short: 'o' };
const model = argument('MODEL', 'model', 'model');
/** One that answers, wherever it is. */
const usedModel = argument('MODEL', 'model', 'used_model');
const sampling = {
  temperature: value('N', '0 to 5; with 0, the default, the likeliest token is always taken'),
  'top-p': value('N', '0 to 1: only the likeliest tokens that together have this probability; 1 is off'),
  'top-k': value('N', 'only the N likeliest tokens; 0 is off'),
  'min-p': value('N', '0 to 1: only tokens with this share of the likeliest one; 0 is off'),
  seed: value('N', 'the same seed gives the same reply'),
  'max-tokens': value('N', 'end the reply after N tokens'),
};

export const usage = {
  pull: {
    purpose: 'download a model into the Hugging Face cache',
    arguments: [argument('OWNER/NAME[:TAG] | OWNER/NAME/FILE.gguf', 'model', 'model')],
    options: {},
  },
  search: {
    purpose: 'search the Hugging Face Hub for models, with the file of each that suits this computer',
    arguments: [optional(open(argument('WORDS', 'words')))],
    options: {
      sort: choice(['trending', 'downloads', 'likes', 'updated'], 'the order; trending without it'),
      limit: value('N', 'the number of models, 1 to 100; 10 without it'),
      fits: flag('only models with a file that fits into the memory that is free'),
      task: value('TASK', 'a task of the Hub, such as text-generation or feature-extraction'),
      author: value('NAME', 'models of this account alone'),
      license: value('ID', 'models of this license alone, such as apache-2.0'),
      library: choice(['gguf', 'safetensors', 'any'], 'the form of the models; gguf, which can be run, without it'),
    },
  },
  info: {
    purpose: 'say what a model is, without loading it: of one on this computer, or else by its header at the Hub',
    arguments: [model],
    options: {
      metadata: flag('print all metadata of its header'),
      tensors: flag('list every tensor with its type, shape and size'),
      template: flag('print its chat template and nothing else'),
      remote: flag('ask the Hub, also where the model is on this computer'),
    },
  },
  bench: {
    purpose:
      'measure how fast a model reads prompts (pp) and writes replies (tg), as llama-bench does, and beside llama-bench or llama-server where one is found',
    arguments: [model],
    options: {
      'n-prompt': { ...value('N,N', 'tokens of the prompts; 512 without it, and 0 for none'), short: 'p' },
      'n-gen': { ...value('N,N', 'tokens of the replies; 128 without it, and 0 for none'), short: 'n' },
      repetitions: { ...value('N', 'how often each is measured; 5 without it'), short: 'r' },
      threads: { ...value('N,N', 'numbers of threads; all cores without it'), short: 't' },
      'gpu-layers': value('N', 'layers on the GPU, of the peer too; without it as the app would plan them'),
      against: value('FILE', 'the llama-bench or llama-server to compare with; without it the one in PATH'),
      alone: flag('compare with nothing'),
    },
  },
  list: {
    purpose: 'list the models on this computer, and those of servers elsewhere that the running app uses',
    arguments: [],
    options: {},
  },
  run: {
    purpose: "print the model's reply",
    arguments: [usedModel, optional(argument('"PROMPT" | -', 'prompt'))],
    options: {
      raw: flag("pass on the prompt as it is, without the model's chat template"),
      system: value('TEXT', 'system prompt; not with --raw'),
      file: values('FILE', 'a text file that is put before the prompt, with its name'),
      ...sampling,
      stop: values('TEXT', 'end the reply before this text; \\n in it is a line break'),
      schema: value('FILE', 'a JSON schema that the reply keeps to'),
      grammar: value('FILE', 'a grammar (GBNF) that the reply keeps to'),
    },
  },
  chat: {
    purpose: 'talk with a model; /help in it lists its commands',
    arguments: [optional(usedModel)],
    options: {
      system: value('TEXT', 'system prompt of the chat'),
      resume: flag('go on with the latest chat'),
      ...sampling,
    },
  },
  embed: {
    purpose: 'print the vector of each text; without one and without --file each line of standard input is a text',
    arguments: [usedModel, optional(open(argument('"TEXT"', 'text')))],
    options: {
      file: values('FILE', 'a text file as one text'),
      dimensions: value('N', 'cut each vector to N numbers, and make its length 1 again'),
    },
  },
  rerank: {
    purpose: 'sort documents by how well they answer a query; without one each line of standard input is a document',
    arguments: [usedModel, argument('"QUERY"', 'query'), optional(open(argument('"DOCUMENT"', 'document')))],
    options: { file: values('FILE', 'a text file as one document') },
  },
  ps: { purpose: 'list the models in memory of the running app', arguments: [], options: {} },
  stop: {
    purpose: 'unload a model of the running app; its replies end',
    arguments: [optional(model)],
    options: { all: flag('unload all of them'), server: flag('stop the API server instead') },
  },
  rm: {
    purpose: 'delete a model from this computer',
    arguments: [model],
    options: { yes: { ...flag('do not ask'), short: 'y' } },
  },
  cache: {
    purpose:
      'list what the cache of models holds; verify hashes its files, clean deletes leftovers of downloads, path prints its folder',
    arguments: [
      optional(argument('list | verify | clean | path', 'action', ['list', 'verify', 'clean', 'path'])),
      optional(argument('OWNER/NAME', 'repository', 'model')),
    ],
    options: { yes: { ...flag('with clean: do not ask'), short: 'y' } },
  },
  doctor: {
    purpose:
      'check hardware, libraries, disk, database, network and versions, and say what to do where something is wrong',
    arguments: [],
    options: {},
  },
  completion: {
    purpose: 'print the script by which a shell completes commands, options and the models of this computer',
    arguments: [argument('bash | zsh | fish | powershell', 'shell', ['bash', 'zsh', 'fish', 'powershell'])],
    options: {},
    notes: [
      'bash:        hearth completion bash > ~/.local/share/bash-completion/completions/hearth',
      'zsh:         hearth completion zsh > "${fpath[1]}/_hearth"',
      'fish:        hearth completion fish > ~/.config/fish/completions/hearth.fish',
      'PowerShell:  hearth completion powershell >> $PROFILE',
    ],
  },
  serve: {
    purpose: 'serve the app to a browser on this computer',
    arguments: [],
    options: {
      api: flag('the API server for programs too; where Hearth runs already, its server is started'),
      port: value('N', 'the port of the app, or with --api that of the API server instead; 0 takes any that is free'),
      key: value('KEY', 'with --api: the key that programs need, for this run alone'),
    },
  },
  template: {
    purpose: 'print the prompt that a chat template makes of a conversation',
    arguments: [argument('MODEL | FILE.jinja', 'model or template', 'model')],
    options: {
      messages: value('FILE', "the messages, as JSON in the form of OpenAI's API: their list, or a request with it"),
      tools: value('FILE', 'the tools, as JSON in the same form'),
      now: value('TIME', 'the time that the template is given, such as 2026-01-31T12:00:00'),
      bos: value('TEXT', "the beginning-of-text token; without it, the model's"),
      eos: value('TEXT', "the end-of-text token; without it, the model's"),
      parse: value('FILE', 'print how the reply in FILE to that conversation is read, as {reasoning, content, calls}'),
    },
  },
  schema: {
    purpose: 'print the grammar (GBNF) that keeps replies to a JSON schema',
    arguments: [argument('FILE.json | -', 'file', 'file')],
    options: {},
  },
  convert: {
    purpose: 'convert a model in safetensors to a GGUF file',
    arguments: [argument('OWNER/NAME | FOLDER', 'repository or folder', 'folder')],
    options: {
      check: flag('only say whether it can be converted, with the size, memory, speed and use of each type'),
      all: flag('with --check: all types, also those that are rarely taken'),
      to: value(
        'TYPE',
        'the type of the output, such as F16, Q8_0 or Q4_K_M; without it the one that suits this computer',
      ),
      output: outputFile,
      'keep-source': flag('download the model into the Hugging Face cache; without it nothing of it is kept'),
      ...quantizing,
    },
  },
  quantize: {
    purpose: 'write a GGUF model in another type',
    arguments: [model],
    required: '--to TYPE',
    options: {
      to: value('TYPE', 'the type, such as Q8_0, Q4_K_M or IQ4_XS'),
      check: flag('only say the size to the byte; without --to list the types with size, memory, speed and use'),
      all: flag('with --check: all types, also those that are rarely taken'),
      output: outputFile,
      'allow-requantize': flag('also where the model is quantized already, which loses more'),
      ...quantizing,
    },
  },
  imatrix: {
    purpose: 'collect an importance matrix, with which small quantizations lose less',
    arguments: [model],
    options: {
      text: value('FILE', 'the text to collect it from; without it the one that comes with Hearth'),
      output: { ...value('FILE', 'the file to write; without it NAME-imatrix.gguf in this folder'), short: 'o' },
    },
  },
  measure: {
    purpose: 'measure what quantizations cost against the model that they were made of',
    arguments: [argument('REFERENCE', 'reference', 'model'), open(model)],
    options: { text: value('FILE', 'the text to measure on; without it the one that comes with Hearth') },
  },
  verify: {
    purpose: 'try whether a model runs',
    arguments: [model],
    options: { source: value('FROM', 'a repository or a folder, whose tokenizer must give the same ids') },
  },
  tokenize: {
    purpose:
      "print the ids that a model's tokenizer gives a text, which may come from a pipe. A GGUF model has its own tokenizer in llama.cpp; OWNER/NAME alone and FOLDER have a tokenizer.json",
    arguments: [argument('MODEL | FOLDER', 'repository or folder', 'used_model'), optional(argument('"TEXT"', 'text'))],
    insteadOfLast: 'text',
    options: {
      text: value('FILE', 'the text of a file in place of TEXT, of any length; - is standard input'),
      'no-special': flag('without the tokens around the text; with --decode without special tokens'),
      decode: flag('the other way: TEXT is ids, and their text is printed'),
    },
  },
  split: {
    purpose: 'split a GGUF model into NAME-00001-of-00003.gguf and so on',
    arguments: [argument('MODEL', 'file', 'model'), argument('NAME', 'output name', 'file')],
    options: {
      'max-size': value('N', 'the size of a file, such as 500M or 4G'),
      'max-tensors': value('N', 'the tensors in a file; 128 without either option'),
    },
  },
  merge: {
    purpose: 'merge the files of a GGUF model into one',
    arguments: [argument('FILE-00001-of-00003.gguf', 'file', 'file'), argument('OUTPUT.gguf', 'output file', 'file')],
    options: {},
  },
  export: {
    purpose: 'write a GGUF model as safetensors with config.json and its tokenizer',
    arguments: [argument('MODEL', 'file', 'model'), argument('FOLDER', 'output folder', 'folder')],
    options: {},
  },
  adapter: {
    purpose:
      'convert a LoRA adapter (PEFT) for its base model; each is a folder or a repository, OWNER/NAME[@REVISION]',
    arguments: [
      argument('ADAPTER', 'adapter', 'folder'),
      argument('BASE', 'base', 'folder'),
      argument('OUTPUT.gguf', 'output file', 'file'),
    ],
    options: {
      merge: flag('write the base with the adapter merged into it'),
      to: value('TYPE', 'F32, F16, BF16 or Q8_0; F16 without it'),
    },
  },
} as const satisfies Readonly<Record<string, CommandUsage>>;

export type CommandName = keyof typeof usage;

/** The options that every command has. */
export const commonOptions = {
  json: flag('print one JSON object; before it a line for each piece of a reply and for progress'),
  help: { ...flag('print the help of the command'), short: 'h' },
} as const;

export const isCommand = (name: string | undefined): name is CommandName =>
  name !== undefined && Object.hasOwn(usage, name);
