import { describe, expect, it } from 'vitest';
import { words } from '../../words/words.ts';
import type { OpenChat } from './use-open-chat.ts';
import { waitsForModels, whyBlocked } from './why-blocked.ts';

const ready = { state: 'ready' } as OpenChat['choice'];
const gone: OpenChat['choice'] = { state: 'gone', modelId: 'm', name: 'M' };
const unknown: OpenChat['choice'] = { state: 'unknown' };
const view = {} as OpenChat['view'];

describe('nothing can be sent', () => {
  it('without a connection to main', () => {
    expect(whyBlocked('lost', { choice: ready, models: [], id: null, view: null })).toBe(words.chat.notConnected);
  });

  it('without a model, as soon as it is known that there is none', () => {
    const why = (choice: OpenChat['choice'], known: Partial<OpenChat>): string | null =>
      whyBlocked('connected', { choice, models: [], id: 'c', view, ...known });
    expect(why(gone, {})).toBe(words.chat.chooseModelFirst);
    expect(why(unknown, {})).toBe(words.chat.chooseModelFirst);
    expect(why(unknown, { id: null, view: null })).toBe(words.chat.chooseModelFirst);
    // The list of models, or the chat, is still to come.
    expect(why(unknown, { models: undefined })).toBeNull();
    expect(why(unknown, { view: null })).toBeNull();
  });

  it('below a comparison, until one of its replies is kept', () => {
    const compared = [{}, {}] as unknown as OpenChat['compared'];
    expect(whyBlocked('connected', { choice: ready, models: [], id: 'c', view, compared })).toBe(
      words.versions.keepFirst,
    );
  });

  it('else it can', () => {
    expect(whyBlocked('connected', { choice: ready, models: [], id: 'c', view })).toBeNull();
  });
});

describe('the first message of a chat', () => {
  it('waits for the list of models, unless a model was picked', () => {
    expect(waitsForModels({ id: null, models: undefined }, null)).toBe(true);
    expect(waitsForModels({ id: null, models: [] }, null)).toBe(false);
    expect(waitsForModels({ id: null, models: undefined }, 'picked')).toBe(false);
    // Main knows the model of a chat that exists.
    expect(waitsForModels({ id: 'c', models: undefined }, null)).toBe(false);
  });
});
