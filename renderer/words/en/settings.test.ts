import { describe, expect, it } from 'vitest';
import { frame } from './frame.ts';
import { settings } from './settings.ts';

describe('the words of the settings', () => {
  it('name the owner of a folder', () => {
    expect(settings.folder.kind({ kind: 'hearth' })).toBe('In Hearth’s own data folder');
    expect(settings.folder.kind({ kind: 'environment', variable: 'HF_HOME' })).toBe('Set by HF_HOME');
  });

  it('count the certificates, and name a few', () => {
    const { certificatesInUse } = settings.network;
    expect(certificatesInUse({ count: 1, names: ['Ada CA'] })).toBe('1 certificate: Ada CA');
    expect(certificatesInUse({ count: 144, names: [] })).toBe('144 certificates');
  });
});

describe('a warning of the start', () => {
  it('names the variable and what it has', () => {
    expect(frame.startWarning({ code: 'not_a_switch', variable: 'HEARTH_OFFLINE', value: 'maybe' })).toBe(
      'HEARTH_OFFLINE is “maybe”; 1 or 0 is expected. It is taken as 0.',
    );
  });
});
