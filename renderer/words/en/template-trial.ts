/** A model's chat template, tried out. */
import { formatInteger, plural } from '../format.ts';

export const templateTrial = {
  title: 'Try the chat template',
  intro: 'The exact text that this model is given for a conversation, and how Hearth reads its replies.',
  used: 'Template',
  fromFile: 'From the model’s file',
  ownTokens: 'BOS and EOS',
  specialTokens: 'Special tokens',
  none: 'none',
  messages: 'Messages',
  messagesHint: 'As JSON, in the form of OpenAI’s API.',
  example: 'What is the weather in Oslo?',
  tools: 'Tools',
  toolsHint: 'Optional. As JSON, in the form of OpenAI’s API.',
  now: 'Time',
  nowExample: '2026-01-31T12:00:00',
  nowHint: 'Optional. Some templates write the date; empty is now.',
  rendering: 'Rendering',
  count: (characters: number, tokens: number | null): string =>
    `${plural(characters, { one: '# character', other: '# characters' })}${tokens === null ? '' : `, ${plural(tokens, { one: '# token', other: '# tokens' })}`}`,
  notCounted: 'Tokens are counted while the model is loaded.',
  cut: (characters: number): string =>
    `The first ${formatInteger(characters)} characters are shown. Copy has all of them.`,
  refused: (reason: string): string =>
    `The template refuses this conversation: “${reason}”. Shown is what the model is given in a chat instead.`,
  leavesToolsOut: 'The template leaves the tools out. In a chat they are described to the model in words.',
  reply: 'Read a reply',
  replyHint: 'Paste the raw text of a reply to these messages.',
  reading: 'Read as',
};
