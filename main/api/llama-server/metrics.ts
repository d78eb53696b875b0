/** `/metrics` for Prometheus: llama-server's figures under its names, and Hearth's own. */
import { modelsInMemory } from '../names/loaded-models.ts';
import { route } from '../route.ts';

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric in the text format: https://prometheus.io/docs/instrumenting/exposition_formats/. */
export function metricText(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly Sample[] | number,
): string {
  const lines = (typeof samples === 'number' ? [{ value: samples }] : samples).map(({ labels = {}, value }: Sample) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const perSecond = (count: number, seconds: number): number => (seconds > 0 ? count / seconds : 0);

export const metricsRoute = route({
  method: 'GET',
  path: '/metrics',
  dialect: 'llama-server',
  group: 'inspect',
  summary: 'Figures for Prometheus.',
  body: null,
  answers: 'text/plain',
  async handle(exchange, services) {
    const totals = services.activity.totals();
    const running = services.activity.running();
    const inMemory = await modelsInMemory(exchange, services);
    const evaluated = totals.promptTokens - totals.reusedTokens;
    const phases = ['queued', 'loading', 'prompt', 'generating'] as const;
    // This request asks for nothing of a model.
    const counts = phases.map((phase) => running.filter((one) => one.modelId !== null && one.phase === phase).length);
    const [queued = 0, loading = 0, prompt = 0, generating = 0] = counts;
    const ofModels = (valueOf: (loaded: (typeof inMemory)[number]['loaded']) => number): readonly Sample[] =>
      inMemory.map(({ model, loaded }) => ({ labels: { model: model.name }, value: valueOf(loaded) }));
    const text = [
      metricText('llamacpp:prompt_tokens_total', 'counter', 'Prompt tokens evaluated, without reused ones.', evaluated),
      metricText(
        ...(['llamacpp:prompt_tokens_cached_total', 'counter', 'Prompt tokens reused from the cache.'] as const),
        totals.reusedTokens,
      ),
      metricText('llamacpp:prompt_seconds_total', 'counter', 'Time spent on prompts.', totals.promptSeconds),
      metricText('llamacpp:tokens_predicted_total', 'counter', 'Tokens generated.', totals.generatedTokens),
      metricText(
        ...(['llamacpp:tokens_predicted_seconds_total', 'counter', 'Time spent on generating.'] as const),
        totals.generateSeconds,
      ),
      metricText(
        ...(['llamacpp:prompt_tokens_seconds', 'gauge', 'Average prompt tokens per second.'] as const),
        perSecond(evaluated, totals.promptSeconds),
      ),
      metricText(
        ...(['llamacpp:predicted_tokens_seconds', 'gauge', 'Average generated tokens per second.'] as const),
        perSecond(totals.generatedTokens, totals.generateSeconds),
      ),
      metricText('llamacpp:requests_processing', 'gauge', 'Requests that have a slot.', prompt + generating),
      metricText('llamacpp:requests_deferred', 'gauge', 'Requests that wait for a slot or a load.', queued + loading),
      metricText('hearth_requests_total', 'counter', 'Requests since the start of Hearth.', totals.requests),
      metricText('hearth_requests_failed_total', 'counter', 'Requests answered by an error.', totals.failed),
      metricText(
        ...(['hearth_requests_running', 'gauge', 'Requests for a model by what they wait for or do.'] as const),
        phases.map((phase, at) => ({ labels: { phase }, value: counts[at] ?? 0 })),
      ),
      metricText('hearth_models_loaded', 'gauge', 'Models in memory.', inMemory.length),
      metricText(
        ...(['hearth_model_slots', 'gauge', 'Requests that a model answers at once.'] as const),
        ofModels(({ sequences }) => sequences),
      ),
      metricText(
        ...(['hearth_model_slots_busy', 'gauge', 'Slots of a model that are in use.'] as const),
        ofModels(({ activeSequences }) => activeSequences),
      ),
      metricText(
        ...(['hearth_model_context_tokens', 'gauge', 'Tokens of one conversation.'] as const),
        ofModels(({ contextSize }) => contextSize),
      ),
      metricText(
        ...(['hearth_model_memory_bytes', 'gauge', "Memory of a model's process."] as const),
        ofModels(({ memoryBytes }) => memoryBytes),
      ),
    ];
    exchange.text(200, 'text/plain; version=0.0.4; charset=utf-8', text.join(''));
  },
});
