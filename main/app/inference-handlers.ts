/** The handlers of `inference.*`: they hand a program's request to the module of that name, behind the windows and in turn. */
import type { HearthHandlers } from '../../preload/contract/contract.ts';
import { formProblem, type Inference, type OpenOrder } from '../inference/inference.ts';

type InferenceHandlers = Pick<HearthHandlers, Extract<keyof HearthHandlers, `inference.${string}`>>;

/** The handlers over `inference`. */
export function createInferenceHandlers(
  inference: Pick<Inference, 'generate' | 'embed' | 'rerank' | 'tokenize' | 'detokenize' | 'count'>,
): InferenceHandlers {
  return {
    'inference.generate': (request, { signal }) =>
      inference.generate({ ...request, retry: true, priority: 'api' }, signal),
    'inference.embed': ({ modelId, texts, dimensions, normalize, ...order }, { signal }) =>
      inference.embed(modelId, texts, {
        ...programOrder(order, signal),
        ...(dimensions !== undefined && { dimensions }),
        ...(normalize !== undefined && { normalize }),
      }),
    'inference.rerank': async ({ modelId, query, documents, ...order }, { signal }) => ({
      scores: await inference.rerank(modelId, query, documents, programOrder(order, signal)),
    }),
    'inference.tokenize': ({ modelId, text, special, withEnds = false, ...order }, { signal }) =>
      inference.tokenize(modelId, text, { special, withEnds, order: programOrder(order, signal) }),
    'inference.detokenize': async ({ modelId, ids, ...order }, { signal }) => ({
      text: await inference.detokenize(modelId, ids, programOrder(order, signal)),
    }),
    'inference.checkForm': async ({ form }) => ({ problem: await formProblem(form) }),
    'inference.count': async ({ modelId, of, ...order }, { signal }) => ({
      tokens: await inference.count(modelId, of, programOrder(order, signal)),
    }),
  };
}

/** A program asked for the model, so one that failed before is tried again. */
const programOrder = (order: Pick<OpenOrder, 'client' | 'keepMs'>, signal: AbortSignal): OpenOrder => ({
  ...order,
  retry: true,
  priority: 'api',
  signal,
});
