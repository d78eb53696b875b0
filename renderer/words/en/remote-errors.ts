/** Why a server elsewhere gave no reply: it cannot be reached, it refuses, or it answers with something else. */
import type { ErrorCode } from '../../../preload/wire/errors.ts';
import { formatDuration } from '../format.ts';
import { isNumber, text, type ErrorText, type ErrorWords, type ReasonWords } from './error-facts.ts';

const server = (fact: unknown): string => (typeof fact === 'string' && fact !== '' ? `“${fact}”` : 'The server');
/** The server's own words at the end of a sentence. */
const said = (detail: unknown): string => (typeof detail === 'string' && detail !== '' ? ` It says: ${detail}` : '');

export const remoteErrors: Readonly<Record<Extract<ErrorCode, `remote.${string}`>, ErrorWords>> = {
  'remote.unreachable': {
    title: 'The server cannot be reached',
    text: ({ host, cause }) =>
      `${text(host, 'It')} does not answer (${text(cause, 'no reason is known')}). Check its address in Settings > Engines elsewhere, and the network.`,
    reasons: {
      offline_mode: {
        title: 'Hearth is set to work offline',
        text: ({ variable }) =>
          `${text(variable, 'A setting')} keeps Hearth from asking any other computer. Use a model of this computer, or start Hearth without it.`,
      },
      refused: ({ host }) =>
        `Nothing listens at ${text(host, 'its address')}. Start the server there, or check the port.`,
      unknown_host: ({ host }) =>
        `There is no computer named ${text(host, 'so')}. Check the address in Settings > Engines elsewhere.`,
      certificate: {
        title: 'The server’s certificate cannot be checked',
        text: ({ host, cause, server: name }) =>
          `${text(host, 'It')} is not who its certificate says, or an authority signed it that this computer does not know (${text(cause, 'TLS')}). Paste the certificate of that authority into ${server(name)} in Settings > Engines elsewhere.`,
      },
      no_answer: ({ server: name, limitMs }) =>
        `${server(name)} did not answer${isNumber(limitMs) ? ` within ${formatDuration(limitMs)}` : ' in time'}. It may be busy, or still loading the model.`,
      silent: {
        title: 'The server went silent',
        text: ({ limitMs }) =>
          `Nothing came${isNumber(limitMs) ? ` for ${formatDuration(limitMs)}` : ' any more'}. What was written is kept.`,
      },
      cut: {
        title: 'The connection broke off',
        text: ({ server: name }) => `${server(name)} ended it before the reply was complete. What was written is kept.`,
      },
    },
  },
  'remote.bad_response': {
    title: 'The server answered with something else',
    text: ({ host, server: name }) =>
      `${text(host, 'It')} does not speak OpenAI’s protocol, or not as expected. Check the address of ${server(name)}.`,
    reasons: {
      page: ({ host }) =>
        `${text(host, 'It')} sent a web page. The address may be that of its website, or a login stands in between.`,
      no_models_list: ({ host }) =>
        `${text(host, 'It')} lists no models. The address usually ends in /v1: check it in the documentation of the server.`,
      redirect: ({ host, target }) =>
        `${text(host, 'It')} redirects to ${text(target, 'another address')}. If that is right, enter it as the address.`,
      unreadable: ({ host }) =>
        `${text(host, 'It')} does not speak OpenAI’s protocol, or not as expected. Check its address.`,
      too_long: 'It sent far more than any reply has.',
      status: {
        title: 'The server failed',
        text: ({ status, detail }) =>
          `It answered with status ${isNumber(status) ? String(status) : 'of an error'}.${said(detail)}`,
      },
      said: {
        title: 'The server ended the reply',
        text: ({ detail, server: name }) => `${server(name)} says: ${text(detail, 'an error')}`,
      },
    },
  },
};

type Reasons = Readonly<Record<string, ErrorText | ReasonWords>>;

/** The reasons of servers elsewhere under codes that others have as well. */
export const remoteReasons: {
  readonly invalid_input: Reasons;
  readonly unsupported: Reasons;
  readonly unauthorized: Reasons;
  readonly busy: Reasons;
  readonly missing: Reasons;
} = {
  invalid_input: {
    address: 'This is not the address of a server. It begins with http:// or https://.',
    address_password: 'Leave the name and the password out of the address. Enter them as a key or a header.',
    address_query: 'Leave out what follows ? or # in the address.',
    provider_kind: ({ name, known }) => `Unknown provider “${text(name, '')}”. Known: ${text(known, '')}.`,
    provider_built_in: 'llama.cpp is built in and needs no address.',
    too_many_providers: ({ limit }) =>
      `There are ${isNumber(limit) ? String(limit) : 'many'} servers already. Remove one first.`,
    provider_name: ({ server: name }) => `${server(name)} is the name of another server. Choose one of its own.`,
    provider_address: ({ server: name }) => `${server(name)} has this address already.`,
    header_reserved: ({ name }) => `The header ${text(name, '')} belongs to the connection and cannot be set.`,
    header_value: ({ name }) =>
      `Enter the value of ${text(name, 'the header')} again: it was stored for the old address only.`,
    file_too_large: ({ name }) => `${text(name, 'A file')} is too large to be sent to a server.`,
    remote: {
      title: 'The server refuses the request',
      text: ({ server: name, status, detail }) =>
        `${server(name)} answered with status ${isNumber(status) ? String(status) : 'of an error'}.${said(detail)}`,
    },
  },
  unsupported: {
    runs_elsewhere: 'This model runs elsewhere. There is nothing to load here, and its prompt is made there.',
    remote: ({ server: name, detail }) => `${server(name)} does not offer this.${said(detail)}`,
    remote_continue: 'This server cannot go on with a reply that was begun. Regenerate it instead.',
    remote_continue_reasoning: 'A server cannot go on within reasoning. Regenerate the reply instead.',
    remote_grammar: 'This server cannot hold a reply to a grammar. It may take a JSON schema.',
    remote_infill: 'This server cannot fill in text between two others.',
    remote_logit_bias: 'This server takes a logit bias only for numbers of tokens, not for texts.',
    remote_template: 'A model elsewhere writes its prompt with its own chat template.',
    remote_prompt_logprobs: 'A model elsewhere does not tell the probabilities of a prompt’s tokens.',
    remote_tool_choice: 'This server cannot be told to call a tool. It decides by itself.',
    remote_tokenize: 'This server does not tell how it divides a text into tokens.',
    remote_render: 'This server does not tell the prompt that it makes of a conversation.',
    remote_rerank: 'This server does not score documents.',
  },
  unauthorized: {
    remote_key: {
      title: 'The server does not accept the key',
      text: ({ host, server: name, detail }) =>
        `${text(host, 'It')} refuses the key of ${server(name)}. Enter a new one in Settings > Engines elsewhere.${said(detail)}`,
    },
    remote_no_key: {
      title: 'The server asks for a key',
      text: ({ host, server: name, detail }) =>
        `${text(host, 'It')} answers only with a key, and ${server(name)} has none. Enter it in Settings > Engines elsewhere.${said(detail)}`,
    },
  },
  busy: {
    remote_busy: {
      title: 'The server has no room',
      text: ({ server: name, retryAfterMs, detail }) =>
        `${server(name)} takes no more requests for now.${isNumber(retryAfterMs) ? ` It asks to wait ${formatDuration(retryAfterMs)}.` : ' Try again in a moment.'}${said(detail)}`,
    },
  },
  missing: {
    remote: {
      title: 'The server has no such model',
      text: ({ server: name, model }) =>
        `${server(name)} does not have ${text(model, 'it')} any more. Choose another model.`,
    },
    provider_off: {
      title: 'This server is switched off',
      text: ({ server: name }) => `Switch ${server(name)} on in Settings > Engines elsewhere, or choose another model.`,
    },
    provider_gone: {
      title: 'The server of this model was removed',
      text: 'Choose another model, or add the server again in Settings > Engines elsewhere.',
    },
  },
};
