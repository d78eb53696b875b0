import type { Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import type { GenerateEvent } from '../../protocol.ts';
import type { ToolDefinition } from '../../../chat-format/messages.ts';
import { createReplyCalls } from './calls.ts';
import { createReasoningSplitter } from '../../../chat-format/reply/reasoning.ts';
import { createReplyEvents, type ReplyEvents } from './reply-events.ts';
import { createStopText } from './stop-text.ts';

interface Setup {
  readonly prompt?: string;
  /** The model's chat template. */
  readonly source?: string;
  readonly stop?: readonly string[];
  readonly tools?: readonly ToolDefinition[];
  /** Held back by the detokenizer until the end. */
  readonly unfinished?: string;
}

/** Events of a reply whose tokens are these texts: token n is the n-th of them. */
function eventsOf(texts: readonly string[], setup: Setup = {}): ReplyEvents {
  const { prompt = '', source = '', stop = [], tools = [], unfinished = '' } = setup;
  return createReplyEvents({
    detokenizer: { push: (token) => texts[token] ?? '', end: () => unfinished },
    splitter: createReasoningSplitter(prompt, source),
    stop: createStopText(stop),
    calls: createReplyCalls({ messages: [], tools }, prompt),
    flushMs: 50,
  });
}

/** All events of a reply that writes a token every `everyMs`. */
function run(texts: readonly string[], setup: Setup = {}, everyMs = 1): GenerateEvent[] {
  const events = eventsOf(texts, setup);
  const sent: GenerateEvent[] = [];
  for (const [index] of texts.entries()) {
    events.push(index as Token);
    sent.push(...(events.due(1000 + index * everyMs) ?? []));
  }
  return [...sent, ...events.end()];
}
const text = (content: string, reasoning = ''): GenerateEvent => ({ type: 'text', content, reasoning });

describe('the events of a reply', () => {
  it('have the first text at once, and then what came together in each interval', () => {
    expect(run(['a', 'b', 'c', 'd'], {}, 25)).toEqual([text('a'), text('bc'), text('d')]);
    expect(run(['a', 'b', 'c'], {}, 60)).toEqual([text('a'), text('b'), text('c')]);
  });

  it.each([
    ['of a reply that begins it', ['<think>', 'a', 'b', '</think>', 'x', 'y'], {}, 4],
    ['that the prompt has begun', ['a', '</think>', 'x'], { prompt: '<think>\n' }, 2],
    ['whose end alone is written', ['a', 'b', '</think>', 'x'], { source: '<think></think>' }, 3],
    ['without an end', ['<think>', 'a', 'b'], {}, 3],
    ['that there is none of', ['a', 'b'], {}, 0],
  ])('count the tokens of reasoning %s', (_, texts, setup, count) => {
    const events = eventsOf(texts, setup);
    for (const [index] of texts.entries()) events.push(index as Token);
    events.end();
    expect(events.reasoningTokens).toBe(count);
  });

  it('are none for a token without text, and the text is there for a pause whatever the time', () => {
    const events = eventsOf(['a', '', 'b']);
    events.push(0 as Token);
    expect(events.due(1000)).toEqual([text('a')]);
    events.push(1 as Token);
    expect(events.due(2000)).toBeNull();
    expect(events.flush()).toBeNull();
    events.push(2 as Token);
    expect(events.due(1001)).toBeNull();
    expect(events.flush()).toEqual(text('b'));
    expect(events.end()).toEqual([]);
  });

  it('tell reasoning from content', () => {
    expect(run(['<think>', 'Hm', '</think>', 'Yes'])).toEqual([text('', 'Hm'), text('Yes')]);
  });

  it('tell that content was reasoning as soon as its end comes without a beginning, whether it was sent or not', () => {
    const setup = { source: "{{ content.split('</think>')[-1] }}", tools: [{ name: 'add' }], stop: ['STOP'] };
    expect(run(['One ', 'two ST', ' </thi', 'nk>\n\n', 'Yes'], setup, 60)).toEqual([
      text('One'),
      text(' two'),
      text(' ST'),
      { ...text(''), contentWasReasoning: true },
      text('Yes'),
    ]);
    expect(run(['One', '</think>', 'Yes'], setup)).toEqual([
      text('One'),
      { ...text('Yes'), contentWasReasoning: true },
    ]);
  });

  it('end before a stop text, which they name, and give what only looked like the beginning of one', () => {
    const events = eventsOf(['one E', 'ND two'], { stop: ['END'] });
    events.push(0 as Token);
    expect(events.stopText).toBeNull();
    events.push(1 as Token);
    expect(events.stopText).toBe('END');
    expect(events.end()).toEqual([text('one ')]);
    expect(run(['one E', 'N'], { stop: ['END'] })).toEqual([text('one '), text('EN')]);
  });

  it('have the text before a call ahead of it, at once', () => {
    const tools = [{ name: 'add' }];
    const call = '<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>';
    const sent = run(['x', 'Let me. ', call, ' '], { tools });
    expect(sent).toEqual([
      text('x'),
      text('Let me.'),
      { type: 'tool_call', call: { id: expect.any(String), name: 'add', arguments: '{"a":1}' } },
    ]);
    const events = eventsOf([call], { tools });
    expect(events.calls).toEqual([]);
    events.push(0 as Token);
    expect(events.calls).toMatchObject([{ name: 'add' }]);
  });

  it('carry the log probabilities since the last text, also where no text is left', () => {
    const events = eventsOf(['a', '']);
    const entry = { id: 1, text: 'a', logprob: -1, alternatives: [] };
    events.pushLogprob(entry);
    events.push(0 as Token);
    expect(events.due(1000)).toEqual([{ ...text('a'), logprobs: [entry] }]);
    events.pushLogprob(entry);
    events.push(1 as Token);
    expect(events.end()).toEqual([{ ...text(''), logprobs: [entry] }]);
  });

  describe('beside a stop text', () => {
    /** The content of each event, and the numbers of the tokens whose log probabilities it has. */
    function shown(texts: readonly string[], stop: readonly string[], everyMs = 60): [string, number[]][] {
      const events = eventsOf(texts, { stop });
      const sent: GenerateEvent[] = [];
      for (const index of texts.keys()) {
        events.pushLogprob({ id: index, text: '', logprob: -1, alternatives: [] });
        events.push(index as Token);
        if (events.stopText !== null) break;
        sent.push(...(events.due(1000 + index * everyMs) ?? []));
      }
      return [...sent, ...events.end()].map((event) =>
        event.type === 'text' ? [event.content, (event.logprobs ?? []).map(({ id }) => id)] : ['', []],
      );
    }

    it.each<[string, string[], [string, number[]][]]>([
      [
        'of one token',
        ['a', ' b', 'STOP'],
        [
          ['a', [0]],
          [' b', [1]],
        ],
      ],
      ['of several tokens', ['a', 'ST', 'O', 'P'], [['a', [0]]]],
      [
        'that begins and ends within tokens',
        ['a', ' bS', 'TO', 'P c'],
        [
          ['a', [0]],
          [' b', [1]],
        ],
      ],
      [
        'that only began',
        ['a', 'ST', 'O', 'x'],
        [
          ['a', [0]],
          ['STOx', [1, 2, 3]],
        ],
      ],
      [
        'that only began at the end',
        ['a', 'bS', 'T'],
        [
          ['a', [0]],
          ['b', [1]],
          ['ST', [2]],
        ],
      ],
      [
        'behind a character of several tokens',
        ['a', '', '', '😀', 'STOP'],
        [
          ['a', [0]],
          ['😀', [1, 2, 3]],
        ],
      ],
    ])('%s, they are those of the tokens that are shown', (_, texts, events) =>
      expect(shown(texts, ['STOP'])).toEqual(events),
    );

    it('have none of a character that a stop text cuts', () =>
      expect(shown(['a', '', '', '😀'], ['😀'])).toEqual([['a', [0]]]));
  });

  it('give at the end what the detokenizer held back, and white space as it was written', () => {
    expect(run(['a'], { unfinished: '\uFFFD' })).toEqual([text('a'), text('\uFFFD')]);
    const events = eventsOf(['{}', ' \n\n']);
    events.push(0 as Token);
    events.push(1 as Token);
    expect(events.end()).toEqual([text('{} \n\n')]);
  });
});
