import { describe, expect, it } from 'vitest';
import { createReasoningSplitter } from './reasoning.ts';

function run(pieces: string[], prompt = ''): { content: string; reasoning: string } {
  const splitter = createReasoningSplitter(prompt);
  const splits = [...pieces.map((piece) => splitter.push(piece)), splitter.end()];
  return { content: splits.map((one) => one.content).join(''), reasoning: splits.map((one) => one.reasoning).join('') };
}

describe('createReasoningSplitter', () => {
  const whole = '<think>\nFirst I count.\n\nThen I add.\n</think>\n\nIt is 4.';
  const expected = { content: 'It is 4.', reasoning: 'First I count.\n\nThen I add.' };

  it('splits a whole text', () => expect(run([whole])).toEqual(expected));
  it('splits the same at every single cut and letter by letter', () => {
    for (let cut = 0; cut <= whole.length; cut++)
      expect(run([whole.slice(0, cut), whole.slice(cut)])).toEqual(expected);
    expect(run([...whole])).toEqual(expected);
  });
  it('leaves an answer without reasoning untouched', () => {
    expect(run([' Hello', ' <think> is a tag.'])).toEqual({ content: ' Hello <think> is a tag.', reasoning: '' });
    expect(run(['<', 'b>bold'])).toEqual({ content: '<b>bold', reasoning: '' });
    expect(run(['<th'])).toEqual({ content: '<th', reasoning: '' });
  });
  it('begins in reasoning when the template opened it', () => {
    expect(run(['a b', ' </think>c'], '<|im_start|>assistant\n<think>\n')).toEqual({ content: 'c', reasoning: 'a b' });
  });
  it('keeps reasoning that never ends', () => {
    expect(run(['[THINK]one', ' two'])).toEqual({ content: '', reasoning: 'one two' });
  });
  it('recognizes the marks of each family', () => {
    const both = { content: 'Four.', reasoning: 'Two and two.' };
    for (const text of [
      '<think>Two and two.</think><response>Four.</response>',
      '<think>\nTwo and two.\n</think>\n\n<response>\nFour.\n</response>',
      'Here is my thought process: Two and two.\n\nHere is my response: Four.',
      '[THINK]Two and two.[/THINK]Four.',
      '<seed:think>Two and two.</seed:think>Four.',
      '◁think▷Two and two.◁/think▷Four.',
    ]) {
      expect(run([text])).toEqual(both);
      expect(run([...text])).toEqual(both);
    }
  });
  it('reads the channels of gpt-oss, at every cut', () => {
    const text =
      '<|channel|>analysis<|message|>Two and two.<|end|><|start|>assistant<|channel|>final<|message|>Four.<|return|>';
    const prompt = '<|start|>user<|message|>2+2<|end|><|start|>assistant';
    const trimmed = (pieces: string[]): object => {
      const { content, reasoning } = run(pieces, prompt);
      return { content, reasoning: reasoning.trim() };
    };
    const both = { content: 'Four.', reasoning: 'Two and two.' };
    for (let cut = 0; cut <= text.length; cut++) expect(trimmed([text.slice(0, cut), text.slice(cut)])).toEqual(both);
    expect(trimmed([...text])).toEqual(both);
    expect(run(['Just text.'], prompt)).toEqual({ content: 'Just text.', reasoning: '' });
  });
  it('gives the calls of gpt-oss as content, in either order of their header', () => {
    const prompt = '<|start|>user<|message|>2+2<|end|><|start|>assistant';
    for (const header of [
      '<|channel|>commentary to=functions.add <|constrain|>json',
      ' to=functions.add<|channel|>commentary <|constrain|>json',
    ]) {
      const text = `<|channel|>analysis<|message|>Add.<|end|><|start|>assistant${header}<|message|>{"a":2}<|call|>`;
      for (const pieces of [[text], [...text]]) {
        const { content, reasoning } = run(pieces, prompt);
        expect(content).toBe('<|channel|>commentary to=functions.add<|message|>{"a":2}<|call|>');
        expect(reasoning.trim()).toBe('Add.');
      }
    }
  });
  it('tells whether the latest text is reasoning', () => {
    const splitter = createReasoningSplitter('');
    splitter.push('<think>a');
    expect(splitter.inReasoning()).toBe(true);
    splitter.push('</think>b');
    expect(splitter.inReasoning()).toBe(false);
  });
});
