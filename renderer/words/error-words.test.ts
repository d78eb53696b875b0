import { describe, expect, it } from 'vitest';
import { errors } from './en/errors.ts';
import { wordsFor } from './error-words.ts';

describe('wordsFor', () => {
  it('words the facts, and keeps the sentence of main for the details', () => {
    const shown = wordsFor({
      code: 'disk.full',
      message: 'ENOSPC on write',
      data: { neededBytes: 4_000_000_000, freeBytes: 1_000_000_000 },
    });
    expect(shown.title).toBe('The disk is full');
    expect(shown.text).toContain('4.00\u00a0GB is needed and 1.00\u00a0GB is free');
    expect(shown.details).toEqual([
      { name: 'What happened', value: 'ENOSPC on write' },
      { name: 'Needed', value: '4.00\u00a0GB' },
      { name: 'Free', value: '1.00\u00a0GB' },
      { name: 'Code', value: 'disk.full' },
    ]);
  });

  it('never shows the sentence of main outside of the details', () => {
    const shown = wordsFor({
      code: 'invalid_input',
      message: '"path" is not valid: too long.',
      data: { field: 'path' },
    });
    expect(shown.text).toBe('The value of “path” is not valid.');
    expect(shown.details.map(({ name }) => name)).toEqual(['What happened', 'Field', 'Code']);
  });

  it('uses the reason of the error, and leaves an unknown reason to the details', () => {
    const message = 'The engine used an instruction that this processor does not have.';
    const known = wordsFor({ code: 'engine.crashed', message, data: { reason: 'SIGILL' } });
    expect(known.text).toContain('instruction');
    expect(known.details.map(({ name }) => name)).toEqual(['What happened', 'Code']);
    const strange = wordsFor({ code: 'engine.crashed', message, data: { reason: 'constructor' } });
    expect(strange.text).toContain('Your chats are safe');
    expect(strange.details).toContainEqual({ name: 'Reason', value: 'constructor' });
  });

  it('names the npm registry, not the Hub, for what comes from there', () => {
    for (const code of ['hub.offline', 'hub.not_found', 'hub.bad_response', 'hub.hash_mismatch'] as const) {
      for (const reason of ['npm_registry', 'package']) {
        if (errors.byCode[code].reasons?.[reason] === undefined) continue;
        const { title, text } = wordsFor({ code, message: '', data: { reason, package: '@x/y', status: 502 } });
        expect(`${title} ${text}`, `${code} ${reason}`).not.toMatch(/\bHub\b|\bmodel\b/);
      }
    }
    const offline = wordsFor({
      code: 'hub.offline',
      message: '',
      data: { cause: 'offline_mode', reason: 'npm_registry' },
    });
    expect(offline.title).toBe('Offline mode is on');
    expect(offline.text).not.toMatch(/\bHub\b/);
  });

  it('says of a prompt that fills the context that no room is left', () => {
    const say = (neededTokens: number, reason = ''): string =>
      wordsFor({ code: 'engine.context_full', message: '', data: { neededTokens, contextSize: 512, reason } }).text;
    expect(say(512)).toMatch(/^The prompt has 512 tokens, which is the whole context size: a reply has no room\./);
    expect(say(900)).toMatch(/^The prompt has 900 tokens, and the context size is 512\. Leave out the oldest messages/);
    expect(say(900, 'message_too_long')).not.toMatch(/new chat|oldest/);
  });

  it('says that a proxy wants a password, which one, and where the password belongs', () => {
    const say = (data: Record<string, string | number | null>): string => {
      const { title, text } = wordsFor({ code: 'network.proxy', message: '', data });
      return `${title}. ${text}`;
    };
    const facts = { reason: 'password', proxy: 'proxy.corp:3128', host: 'huggingface.co', status: 407 };
    expect(say({ ...facts, variable: null })).toBe(
      'The proxy needs a name and a password. The proxy proxy.corp:3128 accepts no connection without them. Enter its address as http://name:password@proxy.corp:3128 in Settings > Network.',
    );
    // A setting cannot be changed while a variable overrides it.
    expect(say({ ...facts, variable: 'HTTPS_PROXY' })).toMatch(/Start Hearth with HTTPS_PROXY=http:\/\/name:password@/);
    expect(say({ reason: 'refused', proxy: null, host: 'huggingface.co' })).toContain('refuses huggingface.co');
    expect(say({ reason: 'refused', proxy: null, host: 'huggingface.co' })).not.toContain('null');
    const login = wordsFor({
      code: 'network.portal',
      message: '',
      data: { host: 'huggingface.co', loginHost: 'wifi.hotel' },
    });
    expect(`${login.title}. ${login.text}`).toMatch(
      /needs a login\. wifi\.hotel shows a web page in place of huggingface\.co/,
    );
  });

  it('does not suggest checking the network in offline mode', () => {
    const message = 'Hearth is set to work offline (HF_HUB_OFFLINE).';
    const data = { cause: 'offline_mode', variable: 'HF_HUB_OFFLINE' };
    const chosen = wordsFor({ code: 'hub.offline', message, data });
    expect(chosen.text).toContain('HF_HUB_OFFLINE is set');
    expect(wordsFor({ code: 'hub.offline', message, data: { cause: 'ENOTFOUND' } }).title).not.toBe(chosen.title);
  });
});
