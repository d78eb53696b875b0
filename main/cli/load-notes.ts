/** What a command says of how a model was loaded: what changes its answers, not what changes its speed. */
import type { LoadNote, TemplateProblem } from '../../preload/contract/load-notes.ts';

/** Null for a note that a command keeps to itself. */
export function noteForTerminal(note: LoadNote): string | null {
  switch (note.code) {
    case 'template_unused':
      return `${templateSentence(note)} The conversation is written as ${note.form} instead.`;
    case 'tools_as_text':
      return note.why === 'left_out'
        ? 'Tools are described to this model in words: its chat template leaves them out.'
        : `Tools are described to this model in words: its chat template fails on them: ${note.detail}`;
    case 'no_chat_template':
      return 'This model has no chat template: it continues the text instead of answering it.';
    case 'flash_attention_needed':
    case 'kv_cache_type_refused':
    case 'kv_cache_type_lowered':
    case 'context_shortened':
    case 'gpu_layers_lowered':
    case 'batch_lowered':
    case 'gpu_unused':
    case 'draft_model_unused':
      return null;
    default:
      return note satisfies never;
  }
}

function templateSentence(problem: TemplateProblem): string {
  return problem.why === 'too_slow'
    ? `The model's chat template did not finish within ${problem.limitMs / 1000} seconds.`
    : `The model's chat template does not work: ${problem.detail}`;
}
