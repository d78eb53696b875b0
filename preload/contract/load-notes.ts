/** Notes about a load for the user, as codes and facts; the page words them. */
import type { KvCacheType } from './model.ts';

/** A setting that was changed so that a model could be loaded, or a feature that it lacks. */
export type LoadNote =
  /** Flash attention was turned on: a cache of this type needs it. */
  | { readonly code: 'flash_attention_needed'; readonly kvCacheType: KvCacheType }
  /** The model cannot have a cache of this type; it got F16. */
  | { readonly code: 'kv_cache_type_refused'; readonly kvCacheType: KvCacheType }
  /** `from` did not fit, and `to` was taken in its place. */
  | { readonly code: 'kv_cache_type_lowered'; readonly from: KvCacheType; readonly to: KvCacheType }
  | { readonly code: 'context_shortened'; readonly fromTokens: number; readonly toTokens: number }
  | { readonly code: 'gpu_layers_lowered'; readonly from: number; readonly to: number; readonly layerCount: number }
  | { readonly code: 'batch_lowered'; readonly fromTokens: number; readonly toTokens: number }
  /** Nothing is computed on the GPU: it lacked memory, or its driver stopped the engine. */
  | { readonly code: 'gpu_unused'; readonly why: 'memory' | 'driver' }
  | { readonly code: 'no_chat_template' }
  /** The model's own template does not work. `form` is the plain form that is used instead. */
  | ({ readonly code: 'template_unused'; readonly form: 'ChatML' | 'plain text' } & TemplateProblem)
  /** The template's own form of tools does not work; they are described to the model in words. */
  | ({ readonly code: 'tools_as_text' } & ToolProblem)
  | ({ readonly code: 'draft_model_unused' } & DraftProblem);

/** Why a model's own template is not used. */
export type TemplateProblem =
  | { readonly why: 'too_slow'; readonly limitMs: number }
  /** `invalid`: it has an error, or raises one. `ended`: its thread ended, as for lack of memory. `detail`: in their own words. */
  | { readonly why: 'invalid' | 'ended'; readonly detail: string };

/** Why a template's own form of tools does not work. */
export type ToolProblem =
  | { readonly why: 'left_out' }
  /** `detail`: the error of the template. */
  | { readonly why: 'invalid'; readonly detail: string };

/** Why a model cannot draft for another. */
export type DraftProblem =
  | { readonly why: 'not_loaded' | 'other_tokenizer' | 'vocabulary_unreadable' | 'other_tokens' }
  | { readonly why: 'other_size'; readonly draftTokens: number; readonly modelTokens: number };
