/** The look of the window: theme, language, sizes of text and density. */
import { Monitor, Moon, Sun } from 'lucide-react';
import type { Appearance, LanguageChoice, Settings, Theme } from '../../../preload/contract/settings.ts';
import { useCall } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { SegmentedControl, type Segment } from '../../ui/controls/SegmentedControl.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { languages, spoken } from '../../words/language.ts';
import { words } from '../../words/words.ts';

const { look } = words;

const themes: readonly Segment<Theme>[] = [
  { value: 'system', label: words.settings.themes.system, icon: Monitor },
  { value: 'light', label: words.settings.themes.light, icon: Sun },
  { value: 'dark', label: words.settings.themes.dark, icon: Moon },
];
const contrasts: readonly Segment<Appearance['contrast']>[] = [
  { value: 'system', label: look.contrasts.system },
  { value: 'more', label: look.contrasts.more },
];
const sizes: readonly Segment<Appearance['interfaceSize']>[] = [
  { value: 'small', label: look.sizes.small },
  { value: 'normal', label: look.sizes.normal },
  { value: 'large', label: look.sizes.large },
  { value: 'larger', label: look.sizes.larger },
];
const densities: readonly Segment<Appearance['density']>[] = [
  { value: 'comfortable', label: look.densities.comfortable },
  { value: 'compact', label: look.densities.compact },
];

export function AppearanceSettings({ settings }: { readonly settings: Settings }) {
  const update = useCall('settings.update');
  const { appearance, developerMode } = settings;
  const save = (patch: Partial<Appearance>): void => void update.run({ appearance: patch });
  return (
    <div className="stack">
      <div className="card settings-card settings-choices">
        <Choice
          label={words.settings.theme}
          value={settings.theme}
          options={themes}
          onChange={(theme) => void update.run({ theme })}
        />
        <Choice
          label={look.contrast}
          value={appearance.contrast}
          options={contrasts}
          onChange={(contrast) => save({ contrast })}
        />
        <LanguageField
          value={appearance.language}
          withPseudo={developerMode}
          onChange={(language) => save({ language })}
        />
        <Choice
          label={look.interfaceSize}
          value={appearance.interfaceSize}
          options={sizes}
          onChange={(interfaceSize) => save({ interfaceSize })}
        />
        <Choice
          label={look.conversationSize}
          value={appearance.conversationSize}
          options={sizes}
          onChange={(conversationSize) => save({ conversationSize })}
        />
        <Choice
          label={look.density}
          value={appearance.density}
          options={densities}
          onChange={(density) => save({ density })}
        />
      </div>
      {update.error ? <ErrorCard error={update.error} compact /> : null}
    </div>
  );
}

function Choice<V extends string>(props: {
  readonly label: string;
  readonly value: V;
  readonly options: readonly Segment<V>[];
  readonly onChange: (value: V) => void;
}) {
  return (
    <div className="settings-choice">
      <span aria-hidden="true">{props.label}</span>
      <SegmentedControl size="sm" {...props} />
    </div>
  );
}

/** The languages with all their words. Those for developers are in the list in Developer mode, and where one is in use. */
function LanguageField({
  value,
  withPseudo,
  onChange,
}: {
  readonly value: LanguageChoice;
  readonly withPseudo: boolean;
  readonly onChange: (language: LanguageChoice) => void;
}) {
  const offered = languages.filter((one) => withPseudo || spoken.includes(one) || one === value);
  const choices: readonly LanguageChoice[] = ['system', ...offered];
  return (
    <div className="settings-choice">
      <span aria-hidden="true">
        {look.language}
        <span className="field-hint settings-choice-hint">{look.languageHint}</span>
      </span>
      <Select
        label={look.language}
        labelHidden
        size="sm"
        value={value}
        options={choices.map((choice) => ({ value: choice, label: look.languages[choice] }))}
        onChange={onChange}
      />
    </div>
  );
}
