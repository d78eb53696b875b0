/** Words for errors of the API server, by their code and reason. */
import { formatInteger } from '../format.ts';
import { text, type ErrorText, type ReasonWords } from './error-facts.ts';

type Reasons = Readonly<Record<string, ErrorText | ReasonWords>>;

const invalidInput: Reasons = {
  too_many_names: {
    title: 'There are too many names',
    text: 'A thousand names are kept. Remove those that no program uses.',
  },
  template_options: 'An option for the chat template has a name that the template needs itself.',
  name_of_model: {
    title: 'A model has this name',
    text: 'Programs that ask for it go on getting that model. Choose another name.',
  },
  unknown_key: {
    title: 'No key has this secret',
    text: 'No key of this server has that secret: it was mistyped, or revoked.',
  },
  needs_key: {
    title: 'The server needs a key first',
    text: 'Other computers can reach this address, so every request has to show a key. Make one, or listen on this computer only.',
  },
  last_key: {
    title: 'The server needs this key',
    text: 'Other computers can reach it, and this is the only key. Make another one first, or stop the server.',
  },
  unreadable_settings: {
    title: 'The settings cannot be read',
    text: ({ where }) =>
      `The program’s settings are damaged or written in another way (${text(where, 'no place is known')}). They were left as they are: mend them there, or copy the lines by hand.`,
  },
  older_settings: {
    title: 'There are older settings',
    text: ({ older }) =>
      `A new file would hide ${text(older, 'the older one')} beside it. Let the program convert its settings first, or copy the lines by hand.`,
  },
};

const notFound: Reasons = {
  method: {
    title: 'Called in the wrong way',
    text: 'The endpoint is there, but takes another HTTP method.',
  },
};

const unsupported: Reasons = {
  own_address: {
    title: 'This is Hearth itself',
    text: 'The engine elsewhere has the address of this server. Give it the address of another computer, or remove it.',
  },
  ring: {
    title: 'The request came back',
    text: 'Servers elsewhere pass requests on to each other, and one came round to where it was asked. Choose a model of this computer.',
  },
  encoding: {
    title: 'The request is compressed',
    text: 'The server reads requests as they are. Switch compression off in the program.',
  },
  thread: {
    title: 'Conversations are not kept',
    text: 'The server holds no conversations for programs. The program must send all messages each time.',
  },
  no_compaction: 'Hearth does not shorten conversations for programs. The program can summarize them itself.',
  create: 'This line of a Modelfile means something that Hearth cannot do.',
  no_blobs:
    'Programs cannot send model files to Hearth. Drop the file into the window, or name its folder in Settings.',
  no_push: 'Hearth publishes no models.',
  server_tool: 'The program asked for a tool that runs at Anthropic. Tools of the program itself work.',
  media: 'Models read text here, and the request had something else beside it.',
  port_in_use: {
    title: 'The port is taken',
    text: ({ port }) =>
      `Another program on this computer listens on port ${text(String(port ?? ''), '')}. Choose another port, or end that program.`,
  },
  port_denied: {
    title: 'The port is not allowed',
    text: ({ port }) =>
      `The system keeps port ${text(String(port ?? ''), '')} for administrators. Choose one above ${formatInteger(1023).replace(',', '')}.`,
  },
  no_such_interface: {
    title: 'This address is not here',
    text: ({ host }) =>
      `This computer does not have the address ${text(host, 'that was chosen')} now. Its network may be off. Choose another address.`,
  },
  no_settings_file: 'This program keeps no settings that Hearth may write. Its own page shows what to enter.',
};

const busy: Reasons = {
  rate_limit: {
    title: 'The key made too many requests',
    text: ({ limit }) =>
      `It may make ${formatInteger(Number(limit))} in a minute. The program was told when to try again.`,
  },
  token_limit: {
    title: 'The key has used its tokens of today',
    text: ({ limit }) => `It may use ${formatInteger(Number(limit))} a day, counted from midnight UTC.`,
  },
  settings_changed: {
    title: 'The settings were changed meanwhile',
    text: 'Another program wrote the file after you saw the difference. Nothing was written. Look at it again.',
  },
};

const unauthorized: Reasons = {
  no_key: { title: 'No key was sent', text: 'The server has keys, so every request needs one.' },
  wrong_key: { title: 'The key is wrong', text: 'It was mistyped, or revoked.' },
  scope: { title: 'The key may not do this', text: 'Its rights leave this out. Edit the key to allow it.' },
  host: {
    title: 'Called by another name',
    text: 'The program used a host name that is not in the list. Add it to the host names if it is yours.',
  },
  origin: {
    title: 'Called by another web page',
    text: 'A page that is not in the list used the server. Add its origin if it is yours.',
  },
};

export const serverErrors = { invalid_input: invalidInput, not_found: notFound, unsupported, busy, unauthorized };
