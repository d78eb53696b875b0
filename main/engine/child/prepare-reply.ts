/** Prepares a reply before it has a sequence: its prompt, its sampler, and the events from its tokens. */
import type { LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import type { GenerateInput, GenerateRequest, PromptRequest } from '../protocol.ts';
import type { TemplateProblem } from '../../../preload/contract/load-notes.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { createSampler, type Choosing, type Sampler } from './batch/sampling.ts';
import type { PlainForm } from '../../chat-format/template/chat-template.ts';
import { createPromptMaker, type Prompt, type RenderConversation } from './prompt/prompt.ts';
import type { TemplateHost, TemplateHosts, ThreadTemplate } from '../../chat-format/template/template-host.ts';
import { checkTemplateOptions } from '../../chat-format/template/template-options.ts';
import type { Tokenizer } from './prompt/tokenizer.ts';
import { requiredTools, toolFormOf, toolsOf, withPlainTools } from '../../chat-format/template/tool-prompt.ts';
import { createArgumentGrammar } from './grammar/argument-grammar.ts';
import { createReplyCalls } from './reply/calls.ts';
import { withCallsInReasoning } from '../../chat-format/reply/calls-in-reasoning.ts';
import { createReasoningSplitter } from '../../chat-format/reply/reasoning.ts';
import { allContent } from '../../chat-format/reply/reasoning-split.ts';
import { marks, reasoningMarks } from '../../chat-format/reply/reasoning-marks.ts';
import type { ReplyLimits } from './reply/reply-end.ts';
import { createReplyEvents, type ReplyEvents } from './reply/reply-events.ts';
import { createDetokenizer, markTokens } from './reply/reply-text.ts';
import { createStopText } from './reply/stop-text.ts';
import { toolMarks } from '../../chat-format/reply/call-forms.ts';

/** Time between two text events, on a GPU. */
const FLUSH_MS = 33;
/** The same on the CPU, where each event costs time for computing in every process that handles it. */
const PROCESSOR_FLUSH_MS = 50;

/** What most models write around their reasoning. */
const commonTag = { open: '<think>', close: '</think>' };

/** Ten times the longest template that was ever seen. */
const MOST_TEMPLATE_CHARS = 1_000_000;

export interface PreparedReply {
  readonly prompt: Prompt;
  readonly seed: number;
  readonly sampler: Sampler;
  readonly events: ReplyEvents;
  readonly limits: ReplyLimits;
  /** Speculative decoding would give the same text. */
  readonly allowsSpeculation: boolean;
}

export interface ReplyMaker {
  /** @throws AppError `engine.context_full`, `template.invalid`, `invalid_input`, `unsupported`, `cancelled`. */
  prompt(request: PromptRequest, signal: AbortSignal): Promise<Prompt>;
  /** @throws the same. */
  prepare(request: GenerateRequest, signal: AbortSignal): Promise<PreparedReply>;
  /** The longest time for which a grammar chooses a token now, in milliseconds; null while none does. */
  grammarMs(): number | null;
}

export interface ReplyMakerOptions {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly tokenizer: Tokenizer;
  /** Null: the model has none, or one that does not work. */
  readonly template: TemplateHost | null;
  /** Renders the templates that come with requests. */
  readonly givenTemplates: TemplateHosts;
  /** Takes the place of a template; null for a base model, whose prompt is the texts as they are. */
  readonly plain: PlainForm | null;
}

/** Prepares the replies of one model. */
export function createReplyMaker(options: ReplyMakerOptions): ReplyMaker {
  const { model, context, tokenizer, plain } = options;
  const choosing: Choosing = new Map();
  const flushMs = model.gpuLayers === 0 ? PROCESSOR_FLUSH_MS : FLUSH_MS;
  const shownMarks = markTokens(model, reasoningMarks);
  const shownMarksWithCalls = markTokens(model, [...reasoningMarks, ...toolMarks]);
  const ownThinking = marks.filter(({ open }) => beginsWithMarkToken(model, open));
  const prompts = createPromptMaker(model, tokenizer, context.contextSize, ownThinking[0] ?? commonTag);

  /** The template of a request; null for the plain form. @throws AppError `template.invalid`, `invalid_input`. */
  function templateOf({ plainTemplate = false, template, templateOptions = {} }: PromptRequest): ThreadTemplate | null {
    checkTemplateOptions(templateOptions);
    if (plainTemplate) return null;
    if (template === undefined) return options.template;
    if (template.length > MOST_TEMPLATE_CHARS)
      throw new AppError('template.invalid', 'The chat template of the request is too long.', {
        ...({ why: 'invalid', detail: `more than ${MOST_TEMPLATE_CHARS} characters` } satisfies TemplateProblem),
      });
    return options.givenTemplates.of(template);
  }

  function prompt(request: PromptRequest, signal: AbortSignal): Promise<Prompt> {
    const { input, policy = 'roll', templateOptions = {} } = request;
    const template = templateOf(request);
    const render: RenderConversation = async (messages, tools) => {
      if (template) return await template.render(messages, tools, { options: templateOptions, signal });
      const text = plain
        ? plain.render(messages, tools)
        : withPlainTools(messages, tools)
            .map(({ content }) => content)
            .join('\n');
      return { text, toolsRefused: null };
    };
    return prompts.make(input, policy, render, signal);
  }

  async function prepare(request: GenerateRequest, signal: AbortSignal): Promise<PreparedReply> {
    const { input, sampling } = request;
    const made = await prompt(request, signal);
    const isChat = 'messages' in input;
    const template = templateOf(request);
    const usesTemplate = template !== null;
    const seed = sampling.seed ?? Math.floor(Math.random() * 4_294_967_295);
    const beforeReply = made.text.slice(0, made.text.length - made.replyStart.length);
    const reasoning = isChat ? createReasoningSplitter(beforeReply, usesTemplate ? template.source : '') : allContent;
    // What the reply begins with is stored already.
    reasoning.push(made.replyStart);
    const tools = 'messages' in input ? toolsOf(input) : [];
    const splitter = tools.length > 0 ? withCallsInReasoning(reasoning, tools) : reasoning;
    const calls = createReplyCalls(input, beforeReply);
    const forcedCall = await forcedCallOf(input, template);
    const callArguments =
      calls && !forcedCall && !sampling.grammar ? createArgumentGrammar(model.llama, model, tools) : null;
    const sampler = await createSampler(model.llama, model, {
      sampling,
      seed,
      prompt: made.tokens,
      contextSize: context.contextSize,
      choosing,
      paused: () => isChat && splitter.inReasoning(),
      thinkingMarks: isChat && made.replyStart === '' ? marksOfThinking(made.text) : [],
      // A template whose own form of tools does not work gets them as text, in the form of no template.
      forcedCall,
      callArguments,
    });
    const stop = sampling.stop ?? [];
    const turnEnds = isChat && !usesTemplate ? (plain?.stop ?? []) : [];
    return {
      prompt: made,
      seed,
      sampler,
      events: createReplyEvents({
        detokenizer: createDetokenizer(model, made.tokens, shownTokens(calls !== null)),
        splitter,
        stop: createStopText([...stop, ...turnEnds]),
        calls,
        ...(callArguments && { onCallToken: callArguments.wrote }),
        flushMs,
      }),
      limits: {
        maxTokens: sampling.maxTokens ?? Infinity,
        roomTokens: context.contextSize - made.tokens.length,
        stop,
      },
      allowsSpeculation:
        sampler.allowsSpeculation &&
        sampling.logprobs === undefined &&
        // A fixed seed promises its text, and drafts draw other random numbers.
        (sampling.temperature === 0 || sampling.seed === null),
    };
  }

  const shownTokens = (withCalls: boolean): ReadonlyMap<Token, string> =>
    withCalls ? shownMarksWithCalls : shownMarks;
  /** Marks with which this model may begin its thinking. A template that has closed the thinking wants none. */
  const marksOfThinking = (rendered: string): string[] =>
    ownThinking.flatMap(({ open, close }) => (rendered.trimEnd().endsWith(close) ? [] : [open]));

  function grammarMs(): number | null {
    let longest: number | null = null;
    for (const since of choosing.values()) longest = Math.max(longest ?? 0, performance.now() - since);
    return longest;
  }

  return { prompt, prepare, grammarMs };
}

/** Whether the vocabulary knows this mark: as one token, or as a special token and a name behind it, such as Gemma's channel. */
function beginsWithMarkToken(model: LlamaModel, mark: string): boolean {
  const [first, ...rest] = model.tokenize(mark, true);
  return first !== undefined && (rest.length === 0 || model.isSpecialToken(first));
}

async function forcedCallOf(
  input: GenerateInput,
  template: ThreadTemplate | null,
): Promise<Parameters<typeof createSampler>[2]['forcedCall']> {
  const tools = 'messages' in input ? requiredTools(input) : null;
  if (!tools) return null;
  const hasToolForm = template !== null && (await template.toolProblem()) === null;
  return { tools, form: toolFormOf(hasToolForm ? template.source : null) };
}
