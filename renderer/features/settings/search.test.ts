import { describe, expect, it } from 'vitest';
import { settingsSections } from '../../navigation/router.ts';
import { sectionsWith } from './search.ts';

describe('search over settings', () => {
  it('finds sections by their names, the names of settings, and the sentences below them', () => {
    expect(sectionsWith('')).toBe(settingsSections);
    expect(sectionsWith('  Density ')).toEqual(['appearance']);
    expect(sectionsWith('DARK theme')).toContain('appearance');
    expect(sectionsWith('top-p')).toEqual(['replies']);
    expect(sectionsWith('telemetry')).toEqual(['computer', 'about']);
    expect(sectionsWith('least recently used')).toContain('engine');
    expect(sectionsWith('xyzzy')).toEqual([]);
  });
});
