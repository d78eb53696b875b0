/** Notes about a model's load: changes that made it fit, and features that it lacks. */
import type { DraftProblem, LoadNote } from '../../../preload/contract/load-notes.ts';
import { formatInteger } from '../format.ts';

export function loadNote(note: LoadNote): string {
  switch (note.code) {
    case 'flash_attention_needed':
      return `Flash attention is on: the memory type ${note.kvCacheType} needs it.`;
    case 'kv_cache_type_refused':
      return `The memory type is F16: this model cannot use ${note.kvCacheType}.`;
    case 'kv_cache_type_lowered':
      return `The memory type is ${note.to}: ${note.from} did not fit.`;
    case 'context_shortened':
      return `The context size is ${formatInteger(note.toTokens)} tokens: ${formatInteger(note.fromTokens)} did not fit.`;
    case 'gpu_layers_lowered':
      return `${note.to} of ${note.layerCount} layers are on the GPU: ${note.from} did not fit.`;
    case 'batch_lowered':
      return `Prompts are read ${note.toTokens} tokens at a time: ${note.fromTokens} did not fit.`;
    case 'gpu_unused':
      return note.why === 'memory'
        ? 'The model runs on the CPU: it did not fit on the GPU.'
        : 'The model runs on the CPU: the GPU driver stopped the engine.';
    case 'no_chat_template':
      return 'This model has no chat template: it continues your text instead of answering it.';
    case 'template_unused':
      return `${note.why} Hearth writes its turns as ${note.form} instead.`;
    case 'draft_model_unused':
      return `The draft model is not used: ${draftProblem(note)}.`;
    default:
      return note satisfies never;
  }
}

function draftProblem(problem: DraftProblem): string {
  switch (problem.why) {
    case 'not_loaded':
      return 'it could not be loaded';
    case 'other_tokenizer':
      return 'its tokenizer is of another kind';
    case 'vocabulary_unreadable':
      return 'its vocabulary could not be read';
    case 'other_tokens':
      return 'its vocabulary is another one';
    case 'other_size':
      return `it has ${formatInteger(problem.draftTokens)} tokens and the model ${formatInteger(problem.modelTokens)}`;
    default:
      return problem satisfies never;
  }
}
