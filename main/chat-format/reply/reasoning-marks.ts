/** The marks around the reasoning of each model family, and around the answer that follows. */
import { harmonyMarks } from './harmony.ts';

/** Marks around an answer; part of no text. An empty `open` stands right behind the reasoning. */
export interface AnswerMark {
  readonly open: string;
  readonly close: string;
  /** It also begins an answer without any reasoning, and ends reasoning that has no end of its own. */
  readonly standsAlone?: true;
}

export interface ReasoningMark {
  readonly open: string;
  readonly close: string;
  readonly answers?: readonly AnswerMark[];
  /** Special tokens, which nobody writes by chance: they are read anywhere in a reply, and not only at its start. */
  readonly isAnywhere?: true;
  /** Between these marks the reasoning has tool calls, which belong to the content. */
  readonly calls?: { readonly open: string; readonly close: string };
}

export const marks: readonly ReasoningMark[] = [
  // Qwen, DeepSeek, GLM, Nemotron and most others. Granite 3.3 and ERNIE 4.5 wrap their answer, and so does Hunyuan.
  {
    open: '<think>',
    close: '</think>',
    answers: [
      { open: '<response>', close: '</response>' },
      { open: '<answer>', close: '</answer>' },
    ],
  },
  { open: '<thinking>', close: '</thinking>', answers: [{ open: '<output>', close: '</output>' }] },
  // EXAONE Deep.
  { open: '<thought>', close: '</thought>' },
  { open: '<reasoning>', close: '</reasoning>' },
  // Magistral.
  { open: '[THINK]', close: '[/THINK]' },
  // Seed-OSS.
  { open: '<seed:think>', close: '</seed:think>' },
  // MiniMax M3.
  { open: '<mm:think>', close: '</mm:think>' },
  // Kimi K3, whose tags are of three tokens each.
  {
    open: '<|open|>think<|sep|>',
    close: '<|close|>think<|sep|>',
    answers: [{ open: '<|open|>response<|sep|>', close: '<|close|>response<|sep|>', standsAlone: true }],
  },
  // Kimi.
  { open: '◁think▷', close: '◁/think▷' },
  // Gemma 4: a channel with its name.
  { open: '<|channel>thought', close: '<channel|>', isAnywhere: true },
  // The same, where the model writes the token twice.
  { open: '<|channel><|channel>thought', close: '<channel|>', isAnywhere: true },
  // Command R7B, Command A.
  {
    open: '<|START_THINKING|>',
    close: '<|END_THINKING|>',
    answers: [
      { open: '<|START_RESPONSE|>', close: '<|END_RESPONSE|>', standsAlone: true },
      { open: '<|START_TEXT|>', close: '<|END_TEXT|>', standsAlone: true },
    ],
    isAnywhere: true,
  },
  // Apertus calls tools in the midst of its reasoning.
  {
    open: '<|inner_prefix|>',
    close: '<|inner_suffix|>',
    isAnywhere: true,
    calls: { open: '<|tools_prefix|>', close: '<|tools_suffix|>' },
  },
  // Apriel.
  {
    open: 'Here are my reasoning steps:',
    close: '[BEGIN FINAL RESPONSE]',
    answers: [
      { open: '', close: '[END FINAL RESPONSE]' },
      { open: '[BEGIN FINAL RESPONSE]', close: '[END FINAL RESPONSE]', standsAlone: true },
    ],
    calls: { open: '<tool_calls>', close: '</tool_calls>' },
  },
  // Solar Open.
  {
    open: '<|think|>',
    close: '<|end|>',
    answers: [{ open: '<|begin|>assistant<|content|>', close: '<|end|>' }],
    isAnywhere: true,
  },
  // OpenThinker, Sky-T1.
  {
    open: '<|begin_of_thought|>',
    close: '<|end_of_thought|>',
    answers: [{ open: '<|begin_of_solution|>', close: '<|end_of_solution|>', standsAlone: true }],
  },
  // Granite 3.2 uses words.
  { open: 'Here is my thought process:', close: 'Here is my response:' },
];

/** The mark whose reasoning a rendered prompt has opened; undefined for none. */
export const openedBy = (prompt: string): ReasoningMark | undefined =>
  marks.find(({ open }) => prompt.trimEnd().endsWith(open));

/** Ends that a model writes once more behind an answer, where its template has `known`. They are part of no text. */
export const strayEnds: readonly { readonly end: string; readonly known: string }[] = [
  // Gemma 4.
  { end: '<channel|>', known: '<channel|>' },
  // Kimi K3, whose template puts its tags together.
  { end: '<|close|>message<|sep|>', known: '<|close|>' },
];

/** The mark of the answer that a rendered prompt has opened; undefined for none. */
export const answerOpenedBy = (prompt: string): AnswerMark | undefined =>
  marks
    .flatMap(({ answers = [] }) => answers)
    .find(({ open, standsAlone }) => standsAlone && prompt.trimEnd().endsWith(open));

/** Texts that a splitter needs. A vocabulary may have them as special tokens, which detokenizing leaves out. */
export const reasoningMarks: readonly string[] = [
  ...new Set([
    ...marks.flatMap(({ open, close, answers = [] }) => [
      open,
      close,
      ...answers.flatMap((answer) => [answer.open, answer.close]),
    ]),
    // The channel's name is text beside Gemma's token; Solar's begin of an answer is three tokens.
    '<|channel>',
    '<|begin|>',
    '<|content|>',
    // Kimi's tags have their name between these.
    '<|open|>',
    '<|close|>',
    '<|sep|>',
    ...harmonyMarks,
  ]),
].filter((mark) => mark !== '');
