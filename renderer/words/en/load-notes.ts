/** Notes about a model's load: changes that made it fit, and features that it lacks. */
import type { DraftProblem, LoadNote, TemplateProblem } from '../../../preload/contract/load-notes.ts';
import { formatInteger, plural } from '../format.ts';

export function loadNote(note: LoadNote): string {
  switch (note.code) {
    case 'flash_attention_needed':
      return `Flash attention is on: the memory type ${note.kvCacheType} needs it.`;
    case 'kv_cache_type_refused':
      return `The memory type is F16: this model cannot use ${note.kvCacheType}.`;
    case 'kv_cache_type_lowered':
      return `The memory type is ${note.to}: ${note.from} did not fit.`;
    case 'context_shortened':
      return `The context size is ${plural(note.toTokens, { one: '# token', other: '# tokens' })}: ${formatInteger(note.fromTokens)} did not fit.`;
    case 'gpu_layers_lowered':
      return `${formatInteger(note.to)} of ${plural(note.layerCount, { one: '# layer', other: '# layers' })} ${plural(note.to, { one: 'is', other: 'are' })} on the GPU: ${formatInteger(note.from)} did not fit.`;
    case 'batch_lowered':
      return `Prompts are read ${plural(note.toTokens, { one: '# token', other: '# tokens' })} at a time: ${formatInteger(note.fromTokens)} did not fit.`;
    case 'gpu_unused':
      return note.why === 'memory'
        ? 'The model runs on the CPU: it did not fit on the GPU.'
        : 'The model runs on the CPU: the GPU driver stopped the engine.';
    case 'no_chat_template':
      return 'This model has no chat template: it continues your text instead of answering it. Models that answer often have Instruct or Chat in their names.';
    case 'template_unused':
      return `${templateProblem(note)} Hearth writes its turns as ${note.form} instead.`;
    case 'tools_as_text':
      return note.why === 'left_out'
        ? 'Tools are described to this model in words: its chat template leaves them out.'
        : `Tools are described to this model in words: its chat template fails on them: “${note.detail}”.`;
    case 'draft_model_unused':
      return `The draft model is not used: ${draftProblem(note)}.`;
    default:
      return note satisfies never;
  }
}

function templateProblem(problem: TemplateProblem): string {
  switch (problem.why) {
    case 'too_slow':
      return `The model’s chat template did not finish within ${plural(problem.limitMs / 1000, { one: '# second', other: '# seconds' })}.`;
    case 'invalid':
      return `The model’s chat template does not work: “${problem.detail}”.`;
    case 'ended':
      return `The model’s chat template was stopped: “${problem.detail}”.`;
    default:
      return problem satisfies never;
  }
}

function draftProblem(problem: DraftProblem): string {
  switch (problem.why) {
    case 'not_loaded':
      return 'it could not be loaded';
    case 'other_tokenizer':
      return 'it has a different kind of tokenizer';
    case 'vocabulary_unreadable':
      return 'its vocabulary could not be read';
    case 'other_tokens':
      return 'it has a different vocabulary';
    case 'other_size':
      return `it has ${plural(problem.draftTokens, { one: '# token', other: '# tokens' })} and the model ${formatInteger(problem.modelTokens)}`;
    default:
      return problem satisfies never;
  }
}
