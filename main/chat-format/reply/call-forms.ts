/** The marks around tool calls in each model family, as the families' templates and model cards show them. */
import { callMarks } from './harmony.ts';
import { textMarks } from './gemma-calls.ts';
import { minimaxMark } from './minimax-calls.ts';
import { tagMarks } from './tagged-calls.ts';

export interface CallForm {
  readonly open: string;
  /** The first of these ends the body; without one it ends with the reply. */
  readonly closes: readonly string[];
  /** The open mark ends a body, too: each call has one. */
  readonly repeats?: true;
  /** The body is read with its marks, because its name stands in the open mark. */
  readonly isWhole?: true;
  /** A form of plain text, which other text may have as well: what is no call of a known tool stays text without a word. */
  readonly isCommon?: true;
}

export const callForms: readonly CallForm[] = [
  // Hermes, Qwen, GLM, Granite 4 and many others; Seed-OSS, MiniMax and LongCat with tags of their own.
  { open: '<tool_call>', closes: ['</tool_call>'] },
  { open: '<seed:tool_call>', closes: ['</seed:tool_call>'] },
  { open: '<minimax:tool_call>', closes: ['</minimax:tool_call>'] },
  // MiniMax M3.
  { open: `${minimaxMark}<tool_call>`, closes: [`${minimaxMark}</tool_call>`] },
  { open: '<longcat_tool_call>', closes: ['</longcat_tool_call>'] },
  // Apriel, Jamba, MiniMax M1, Hunyuan.
  { open: '<tool_calls>', closes: ['</tool_calls>'] },
  // Nemotron.
  { open: '<TOOLCALL>', closes: ['</TOOLCALL>'] },
  // Mistral.
  { open: '[TOOL_CALLS]', closes: [], repeats: true },
  // Granite 3, Phi-4-mini.
  { open: '<|tool_call|>', closes: ['<|/tool_call|>'], repeats: true },
  // Llama 3.
  { open: '<|python_tag|>', closes: [], repeats: true },
  // Llama 4.
  { open: '<|python_start|>', closes: ['<|python_end|>'] },
  // LFM2.
  { open: '<|tool_call_start|>', closes: ['<|tool_call_end|>'] },
  // DeepSeek V3 and V3.1, with and without the mark around all calls; Step 3; DeepSeek V3.2.
  { open: '<｜tool▁calls▁begin｜>', closes: ['<｜tool▁calls▁end｜>'] },
  { open: '<｜tool▁call▁begin｜>', closes: ['<｜tool▁call▁end｜>'], isWhole: true },
  { open: '<｜tool_calls_begin｜>', closes: ['<｜tool_calls_end｜>'] },
  { open: '<｜DSML｜function_calls>', closes: ['</｜DSML｜function_calls>'] },
  // DeepSeek V4.
  { open: '<｜DSML｜tool_calls>', closes: ['</｜DSML｜tool_calls>'] },
  // Kimi K2, the same.
  { open: '<|tool_calls_section_begin|>', closes: ['<|tool_calls_section_end|>'] },
  { open: '<|tool_call_begin|>', closes: ['<|tool_call_end|>'], repeats: true, isWhole: true },
  // Kimi K3.
  { open: '<|open|>tools<|sep|>', closes: ['<|close|>tools<|sep|>'] },
  // Command R7B, Command A.
  { open: '<|START_ACTION|>', closes: ['<|END_ACTION|>'] },
  // Apertus.
  { open: '<|tools_prefix|>', closes: ['<|tools_suffix|>'] },
  // Gemma 4, FunctionGemma.
  { open: '<|tool_call>', closes: ['<tool_call|>'] },
  { open: '<start_function_call>', closes: ['<end_function_call>'] },
  // GigaChat 3.
  { open: '<|message_sep|>\n\nfunction call<|role_sep|>', closes: ['<|message_sep|>'] },
  { open: 'function call<|role_sep|>', closes: ['<|message_sep|>'] },
  // GigaChat 3.1.
  { open: '<|function_call|>', closes: [], repeats: true },
  // Solar Open.
  { open: '<|tool_calls|>', closes: [] },
  // InternLM.
  { open: '<|action_start|><|plugin|>', closes: ['<|action_end|>'] },
  // Olmo 3; Claude-like XML.
  { open: '<function_calls>', closes: ['</function_calls>'] },
  // Glaive.
  { open: '<functioncall>', closes: ['</functioncall>'], repeats: true },
  // MiroThinker.
  { open: '<use_mcp_tool>', closes: ['</use_mcp_tool>'], isWhole: true },
  // Functionary 3.1, Llama 3.1 by its own guide, and Qwen3-Coder where it leaves out `<tool_call>`.
  { open: '<function=', closes: ['</function>'], isWhole: true, isCommon: true },
  // MiniCPM5.
  { open: '<function name="', closes: ['</function>'], isWhole: true, isCommon: true },
  // Firefunction 2, Phi-4-mini.
  { open: 'functools[', closes: [], isWhole: true, isCommon: true },
  // Command R+.
  { open: 'Action:\n```json', closes: ['```'], isCommon: true },
  { open: 'Action: ```json', closes: ['```'], isCommon: true },
  // Gemma 3.
  { open: '```tool_code', closes: ['```'], isCommon: true },
  { open: '```json', closes: ['```'], isCommon: true },
  { ...callMarks, closes: [callMarks.close] },
];

/** Ends of calls that models write without their beginning, or twice. Behind a call they are part of it. */
export const strayCloses = ['</tool_call>', '</tool_calls>', '</seed:tool_call>'];

/** Texts that a splitter needs. A vocabulary may have them as special tokens, which detokenizing leaves out. */
export const toolMarks: readonly string[] = [
  ...callForms.flatMap(({ open, closes }) => [open, ...closes]),
  '[ARGS]',
  '[CALL_ID]',
  '<|message_sep|>',
  '<|role_sep|>',
  '<|action_start|>',
  '<|plugin|>',
  ...textMarks,
  ...tagMarks,
];
