/** Why the Hub gave no answer, or a wrong one: the network on the way, the Hub itself, and what it sent. */
import type { ErrorCode } from '../../../preload/wire/errors.ts';
import { formatDuration } from '../format.ts';
import { isNumber, proxyName, proxyPlace, text, type ErrorWords } from './error-facts.ts';

type Codes = Extract<ErrorCode, `network.${string}` | `hub.${string}`>;

export const hubErrors: Readonly<Record<Codes, ErrorWords>> = {
  'network.proxy': {
    title: 'The proxy stands in the way',
    text: ({ proxy, status }) =>
      `${proxyName(proxy)} answered in place of the Hub${isNumber(status) ? ` (status ${String(status)})` : ''}.`,
    reasons: {
      password: {
        title: 'The proxy needs a name and a password',
        text: (facts) => `${proxyName(facts['proxy'])} accepts no connection without them. ${proxyPlace(facts)}`,
      },
      wrong_password: {
        title: 'The proxy does not accept the name and password',
        text: (facts) => `${proxyName(facts['proxy'])} refuses those in its address. ${proxyPlace(facts)}`,
      },
      refused: {
        title: 'This network does not allow the Hub',
        text: ({ proxy, host }) =>
          `${typeof proxy === 'string' ? `The proxy ${proxy}` : 'A proxy or filter on the way'} refuses ${text(host, 'the Hub')}. Ask whoever runs this network, or set a mirror in Settings > Network.`,
      },
      no_answer: {
        title: 'The proxy cannot reach the Hub',
        text: ({ proxy, host }) =>
          `${proxyName(proxy)} got no answer from ${text(host, 'the Hub')}. This usually passes.`,
      },
      unreachable: {
        title: 'The proxy cannot be reached',
        text: ({ proxy, variable }) =>
          `${proxyName(proxy)} does not answer. ${typeof variable === 'string' ? `${variable} sets it.` : 'Check its address in Settings > Network.'}`,
      },
    },
  },
  'network.portal': {
    title: 'This network needs a login',
    text: ({ host, loginHost }) =>
      `${text(loginHost, 'It')} shows a web page in place of ${text(host, 'the Hub')}. Open a browser, log in to the network there, and try again.`,
  },
  'hub.offline': {
    title: 'The Hub cannot be reached',
    text: 'Check the internet connection. Models on this computer still work.',
    reasons: {
      npm_registry: {
        title: 'The npm registry cannot be reached',
        text: 'GPU support is downloaded from it. Check the internet connection.',
      },
    },
  },
  'hub.unauthorized': {
    title: 'The Hub did not accept the token',
    text: 'The token in Settings is wrong, has expired, or has no access to this model.',
  },
  'hub.gated': {
    title: 'This model needs your agreement first',
    text: 'Accept its license on the Hub with your account, and save a token of that account in Settings.',
  },
  'hub.not_found': {
    title: 'The Hub has no such model',
    text: ({ repoId }) =>
      typeof repoId === 'string'
        ? `There is no ${repoId} on the Hub, or it is private.`
        : 'The name may be misspelled, or the model is private or was removed.',
    reasons: {
      shard_missing: 'A shard of this model is missing on the Hub.',
      not_of_hub: 'This is a name of Ollama’s own library. Models of the Hub are written OWNER/NAME:QUANTIZATION.',
      package: {
        title: 'The npm registry has no such package',
        text: ({ package: name }) => `It has no ${text(name, 'package of this name')}.`,
      },
    },
  },
  'hub.rate_limited': {
    title: 'Too many requests to the Hub',
    text: ({ retryAfterMs }) =>
      isNumber(retryAfterMs)
        ? `The Hub accepts no more from this address for now. Try again in ${formatDuration(retryAfterMs)}; a token raises the limit.`
        : 'The Hub accepts no more from this address for now. Wait a few minutes; a token raises the limit.',
  },
  'hub.bad_response': {
    title: 'The Hub sent an unexpected answer',
    text: ({ status }) =>
      isNumber(status)
        ? `The Hub answered with status ${String(status)}. This usually passes.`
        : 'The answer could not be read. This usually passes.',
    reasons: {
      npm_registry: {
        title: 'The npm registry sent an unexpected answer',
        text: ({ status }) =>
          isNumber(status)
            ? `It answered with status ${String(status)}. This usually passes.`
            : 'The answer could not be read. This usually passes.',
      },
      package: {
        title: 'The package could not be unpacked',
        text: 'Its archive is damaged, or has an unknown format.',
      },
      ended_early: 'The connection ended too early several times. This usually passes.',
      size_differs: 'The file has a different size from the one the Hub lists.',
      wrong_range: 'The server sent a different part of the file from the one requested.',
      no_hash: 'The Hub lists no size or hash for this file, so it cannot be verified.',
    },
  },
  'hub.hash_mismatch': {
    title: 'The file arrived damaged',
    text: 'Its checksum differs from the one that the Hub lists, so it was discarded.',
    reasons: {
      changed: 'The file on the Hub has changed since it was listed. Open the model again.',
      package: {
        title: 'The package arrived damaged',
        text: ({ package: name }) => `${text(name, 'It')} differs from the published package, so it was discarded.`,
      },
    },
  },
  'hub.unsafe_name': {
    title: 'This file has an unsafe name',
    text: 'Its name could write outside of the models folder, so it is not downloaded.',
  },
};
