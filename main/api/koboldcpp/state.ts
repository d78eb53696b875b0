/** What KoboldCpp's programs ask beside replies: the model and its context, versions, a running reply, counts of tokens, figures. */
import { z } from 'zod';
import { textSchema } from '../generation/fields.ts';
import { openOrder } from '../generation/generation.ts';
import { contextSizeOf } from '../../inference/inference.ts';
import type { Exchange } from '../http/exchange.ts';
import { route, type AnyRoute, type Route } from '../route.ts';
import type { Services } from '../services.ts';
import { genkeySchema, USUAL_LENGTH } from './generate.ts';
import { runsOf } from './runs.ts';
import { modelOf } from './which-model.ts';

/** Programs choose what they ask for by these: KoboldAI's API, and a KoboldCpp that has all that is here. */
const KOBOLDAI_VERSION = '1.2.5';
const KOBOLDCPP_VERSION = '1.80';

type Answer = (exchange: Exchange, services: Services) => object | Promise<object>;

/** `/api/v1` and `/api/latest` are the same. */
function asked(
  paths: readonly string[],
  group: Route<undefined>['group'],
  summary: string,
  answer: Answer,
): readonly AnyRoute[] {
  return paths.map((path) =>
    route({
      ...{ method: 'GET', path, dialect: 'koboldcpp', group, summary, body: null },
      async handle(exchange, services) {
        exchange.json(200, await answer(exchange, services));
      },
    }),
  );
}
const both = (path: string): readonly string[] => [`/api/v1/${path}`, `/api/latest/${path}`];

/** Loads the model where nothing is loaded: then it is the small one that ships with Hearth. */
const contextSize: Answer = async (exchange, services) => {
  const { modelId } = await modelOf(null, exchange, services);
  const opening = openOrder(exchange, services);
  return { value: await contextSizeOf({ inference: services.inference, modelId, opening }) };
};

const perf: Answer = (_exchange, services) => {
  const { running, figures } = runsOf(services);
  const { last, total, stopReason, endedMs } = figures;
  const seconds = (ms: number | undefined): number => (ms ?? 0) / 1000;
  const speed = (count: number, ms: number): number => (ms > 0 ? (count * 1000) / ms : 0);
  const now = performance.now();
  const waiting = services.activity.running().filter(({ phase, modelId }) => phase === 'queued' && modelId !== null);
  return {
    ...{ last_process: seconds(last?.promptMs), last_eval: seconds(last?.generateMs) },
    last_token_count: last?.generatedTokens ?? 0,
    last_input_count: last?.promptTokens ?? 0,
    last_process_speed: last ? speed(last.promptTokens - last.reusedTokens, last.promptMs) : 0,
    last_eval_speed: last ? speed(last.generatedTokens, last.generateMs) : 0,
    ...{ last_seed: last?.seed ?? -1, total_gens: total, stop_reason: stopReason, total_img_gens: 0 },
    ...{ queue: waiting.length, idle: running() === 0 ? 1 : 0, hordeexitcounter: 0 },
    ...{ uptime: process.uptime(), idletime: running() === 0 ? seconds(now - endedMs) : 0, quiet: true },
  };
};

const runBody = z.object({ genkey: genkeySchema });
type RunExchange = Exchange<z.infer<typeof runBody> | undefined>;

function check(exchange: RunExchange, services: Services): void {
  // Only of the same program: the text is nobody else's.
  const run = runsOf(services).find(exchange.client, exchange.body?.genkey ?? '');
  exchange.json(200, { results: [{ text: run?.text ?? '' }] });
}

const runRoutes: readonly AnyRoute[] = [
  route({
    ...{ method: 'POST', path: '/api/extra/generate/check', dialect: 'koboldcpp', group: 'generate', body: runBody },
    ...{ summary: 'The text so far of a reply of the same program.', example: {}, handle: check },
  }),
  route({
    ...{ method: 'GET', path: '/api/extra/generate/check', dialect: 'koboldcpp', group: 'generate', body: null },
    ...{ summary: 'The text so far of a reply of the same program.', handle: check },
  }),
  route({
    method: 'POST',
    path: '/api/extra/abort',
    dialect: 'koboldcpp',
    group: 'generate',
    summary: 'Ends a reply of the same program; the reply is answered with its text so far.',
    body: runBody,
    example: {},
    handle(exchange: RunExchange, services: Services) {
      const run = runsOf(services).find(exchange.client, exchange.body?.genkey ?? '');
      const isEnded = run?.isRunning === true;
      run?.abort.abort();
      // Words, not truth values, in KoboldCpp.
      exchange.json(200, { success: String(isEnded), done: String(isEnded) });
    },
  }),
];

const countBody = z.object({
  model: z.string().max(600).nullish(),
  prompt: textSchema,
  /** Adds the tokens that the vocabulary puts around a text. Default: true. */
  special: z.boolean().nullish(),
});

const countRoute = route({
  method: 'POST',
  path: '/api/extra/tokencount',
  dialect: 'koboldcpp',
  group: 'inspect',
  summary: 'The tokens of a text.',
  body: countBody,
  example: { prompt: 'Hello, world' },
  async handle(exchange: Exchange<z.infer<typeof countBody>>, services: Services) {
    const { body } = exchange;
    const { modelId } = await modelOf(body.model, exchange, services);
    exchange.entry.note({ modelId });
    const order = openOrder(exchange, services);
    const options = { special: true, withEnds: body.special !== false, order };
    const { tokens } = await services.inference.tokenize(modelId, body.prompt, options);
    exchange.json(200, { value: tokens.length, ids: tokens.map(({ id }) => id) });
  },
});

export const stateRoutes: readonly AnyRoute[] = [
  ...asked(
    both('model'),
    'models',
    'The model that answers where a request names none.',
    async (exchange, services) => ({
      result: (await modelOf(null, exchange, services)).name,
    }),
  ),
  ...asked(both('info/version'), null, "The version of KoboldAI's API.", () => ({ result: KOBOLDAI_VERSION })),
  ...asked(both('config/max_length'), null, 'Tokens of a reply where a request does not say.', () => ({
    value: USUAL_LENGTH,
  })),
  ...asked(both('config/max_context_length'), 'models', "Tokens of the model's context.", contextSize),
  ...asked(['/api/extra/true_max_context_length'], 'models', "Tokens of the model's context.", contextSize),
  ...asked(['/api/extra/version'], null, 'The version of KoboldCpp whose endpoints are here.', (exchange) => ({
    ...{ result: 'KoboldCpp', version: KOBOLDCPP_VERSION, protected: exchange.caller !== null },
    ...{ txt2img: false, vision: false, audio: false, transcribe: false, multiplayer: false, websearch: false },
    ...{ tts: false, embeddings: false, admin: 0 },
  })),
  ...asked(['/api/extra/perf'], 'inspect', 'Figures of the last reply.', perf),
  ...runRoutes,
  countRoute,
];
