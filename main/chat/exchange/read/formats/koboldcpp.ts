/**
 * KoboldCpp's saved story: one text, begun in `prompt` and continued in `actions`. Its mode tells where messages begin: in a chat at the
 * names of the speakers, with instructions at the tags around them. Any other story is one message.
 */
import type { FoundMessage } from '../chat-builder.ts';
import { replyParts, type ReadChatValue } from '../reader.ts';
import { fieldsOf, listOf, textIn, type Fields } from '../values.ts';

export const isKoboldCppStory = (value: Fields): boolean =>
  Array.isArray(value['actions']) && typeof value['prompt'] === 'string' && 'gamestarted' in value;

export const readKoboldCppStory: ReadChatValue = (value, { tally }) => {
  const settings = fieldsOf(value['savedsettings']) ?? {};
  const story = [value['prompt'], ...listOf(value['actions'])].map(textIn).join('');
  const memory = textIn(value['memory']);
  const title = story.trim().slice(0, 60);
  if (textIn(value['authorsnote']) !== '') tally.left('story_notes', textIn(value['authorsnote']));
  const entries = listOf(value['worldinfo']).length;
  if (entries > 0) tally.left('story_notes', title, entries);
  if (memory !== '') tally.came('system_prompts', title);
  const messages = messagesOf(story, settings);
  return {
    title: '',
    systemPrompt: memory,
    leafKey: null,
    nodes: messages.map((message, index) => ({
      key: String(index),
      parentKey: index === 0 ? null : String(index - 1),
      message,
    })),
  };
};

/** The numbers of the modes in KoboldCpp's page. */
const CHAT_MODE = 3;
const INSTRUCT_MODE = 4;

function messagesOf(story: string, settings: Fields): FoundMessage[] {
  const mode = Number(settings['opmode'] ?? 0);
  if (mode === INSTRUCT_MODE) {
    const user = tagOf(settings['instruct_starttag'], '\n### Instruction:\n').trim();
    const model = tagOf(settings['instruct_endtag'], '\n### Response:\n').trim();
    return split(story, [
      ['{{[INPUT]}}', 'user'],
      ['{{[OUTPUT]}}', 'assistant'],
      [user, 'user'],
      [model, 'assistant'],
    ]);
  }
  if (mode === CHAT_MODE) {
    const models = tagOf(settings['chatopponent'], 'KoboldGPT').split('||$||');
    return split(`\n${story}`, [
      [`\n${tagOf(settings['chatname'], 'User')}:`, 'user'],
      ...models.map((name): Mark => [`\n${name}:`, 'assistant']),
    ]);
  }
  return [{ role: 'assistant', parts: [{ type: 'text', text: story }], createdAt: null }];
}

type Mark = readonly [text: string, role: 'user' | 'assistant'];

const tagOf = (value: unknown, otherwise: string): string => textIn(value) || otherwise;

/** The text between marks. What comes before the first is the user's. */
function split(story: string, marks: readonly Mark[]): FoundMessage[] {
  const known = marks.filter(([text]) => text.trim() !== '');
  const messages: FoundMessage[] = [];
  let role: 'user' | 'assistant' = 'user';
  let from = 0;
  const end = (to: number): void => {
    const text = story.slice(from, to).trim();
    if (text === '') return;
    messages.push({ role, parts: role === 'user' ? [{ type: 'text', text }] : replyParts(text), createdAt: null });
  };
  // The next place of each mark is looked for once: a story of a million marks is read once for each of them.
  const next = known.map(([text]) => story.indexOf(text));
  for (;;) {
    let nearest = -1;
    next.forEach((at, index) => {
      if (at >= 0 && (nearest < 0 || at < (next[nearest] ?? 0))) nearest = index;
    });
    const mark = known[nearest];
    const at = next[nearest];
    if (mark === undefined || at === undefined) break;
    if (at >= from) {
      end(at);
      [, role] = mark;
      from = at + mark[0].length;
    }
    next[nearest] = story.indexOf(mark[0], Math.max(from, at + 1));
  }
  end(story.length);
  return messages;
}
