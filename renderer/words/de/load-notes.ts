/** Notes about a model's load: changes that made it fit, and features that it lacks. */
import type { DraftProblem, LoadNote, TemplateProblem } from '../../../preload/contract/load-notes.ts';
import type { loadNote as english } from '../en/load-notes.ts';
import { formatInteger, plural } from '../format.ts';

export const loadNote: typeof english = (note: LoadNote): string => {
  switch (note.code) {
    case 'flash_attention_needed':
      return `Flash Attention ist an: Der Speichertyp ${note.kvCacheType} braucht es.`;
    case 'kv_cache_type_refused':
      return `Der Speichertyp ist F16: Dieses Modell kann ${note.kvCacheType} nicht verwenden.`;
    case 'kv_cache_type_lowered':
      return `Der Speichertyp ist ${note.to}: Für ${note.from} reichte der Platz nicht.`;
    case 'context_shortened':
      return `Die Kontextgröße beträgt ${plural(note.toTokens, { one: '# Token', other: '# Token' })}: Für ${formatInteger(note.fromTokens)} reichte der Platz nicht.`;
    case 'gpu_layers_lowered':
      return `${formatInteger(note.to)} von ${plural(note.layerCount, { one: '# Schicht', other: '# Schichten' })} ${plural(note.to, { one: 'liegt', other: 'liegen' })} auf der GPU: Für ${formatInteger(note.from)} reichte der Platz nicht.`;
    case 'batch_lowered':
      return `Prompts werden in Schritten von ${plural(note.toTokens, { one: '# Token', other: '# Token' })} gelesen: Für ${formatInteger(note.fromTokens)} reichte der Platz nicht.`;
    case 'gpu_unused':
      return note.why === 'memory'
        ? 'Das Modell läuft auf der CPU: Auf der GPU reichte der Platz nicht.'
        : 'Das Modell läuft auf der CPU: Der GPU-Treiber hat die Engine gestoppt.';
    case 'no_chat_template':
      return 'Dieses Modell hat kein Chat-Template: Es setzt den Text fort, statt darauf zu antworten. Modelle, die antworten, haben oft „Instruct“ oder „Chat“ im Namen.';
    case 'template_unused':
      return `${templateProblem(note)} Hearth schreibt die Nachrichten stattdessen als ${note.form === 'plain text' ? 'reinen Text' : note.form}.`;
    case 'tools_as_text':
      return note.why === 'left_out'
        ? 'Tools werden diesem Modell in Worten beschrieben: Sein Chat-Template lässt sie weg.'
        : `Tools werden diesem Modell in Worten beschrieben: Sein Chat-Template scheitert an ihnen: „${note.detail}“.`;
    case 'draft_model_unused':
      return `Das Entwurfsmodell wird nicht verwendet: ${draftProblem(note)}.`;
    default:
      return note satisfies never;
  }
};

function templateProblem(problem: TemplateProblem): string {
  switch (problem.why) {
    case 'too_slow':
      return `Das Chat-Template des Modells wurde nicht innerhalb von ${plural(problem.limitMs / 1000, { one: '# Sekunde', other: '# Sekunden' })} fertig.`;
    case 'invalid':
      return `Das Chat-Template des Modells funktioniert nicht: „${problem.detail}“.`;
    case 'ended':
      return `Das Chat-Template des Modells wurde gestoppt: „${problem.detail}“.`;
    default:
      return problem satisfies never;
  }
}

function draftProblem(problem: DraftProblem): string {
  switch (problem.why) {
    case 'not_loaded':
      return 'Es konnte nicht geladen werden';
    case 'other_tokenizer':
      return 'Es hat einen Tokenizer anderer Art';
    case 'vocabulary_unreadable':
      return 'Sein Vokabular konnte nicht gelesen werden';
    case 'other_tokens':
      return 'Es hat ein anderes Vokabular';
    case 'other_size':
      return `Es hat ${plural(problem.draftTokens, { one: '# Token', other: '# Token' })} und das Modell ${formatInteger(problem.modelTokens)}`;
    default:
      return problem satisfies never;
  }
}
