/** Variables that a request gives to the chat template, such as `enable_thinking`. Untrusted: they come from programs. */
import { AppError } from '../../../preload/wire/errors.ts';
import { formatInteger } from '../../base/format.ts';
import { localTimeOf } from '../jinja/format/strftime.ts';
import { globalFunctions } from '../jinja/filters/functions.ts';
import { templateVariables } from './template-variables.ts';

export type TemplateOptions = Readonly<Record<string, string | number | boolean>>;

const MOST_OPTIONS = 64;
const MOST_CHARS = 20_000;

/** Names that mean something else in a template. */
const reserved: ReadonlySet<string> = new Set([
  ...Object.keys(templateVariables([], null, { bos: '', eos: '' })),
  ...globalFunctions(() => localTimeOf(new Date())).keys(),
]);

/** @throws AppError `invalid_input` for too many options, too long a text, and a name that a template cannot have or has for itself. */
export function checkTemplateOptions(options: TemplateOptions): void {
  const refuse = (message: string): AppError =>
    new AppError('invalid_input', message, { field: 'templateOptions', reason: 'template_options' });
  const entries = Object.entries(options);
  if (entries.length > MOST_OPTIONS) throw refuse(`A chat template takes at most ${MOST_OPTIONS} variables.`);
  for (const [name, value] of entries) {
    const shown = name.slice(0, 80);
    if (!/^[A-Za-z_]\w{0,63}$/.test(name)) throw refuse(`No variable of a chat template can be named ${shown}.`);
    if (reserved.has(name)) throw refuse(`Every chat template gets ${shown} from the request itself.`);
    const isValue = typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value);
    if (!isValue) throw refuse(`The variable ${shown} must be a text, a number, true or false.`);
    if (typeof value === 'string' && value.length > MOST_CHARS)
      throw refuse(`The variable ${shown} may have ${formatInteger(MOST_CHARS)} characters at most.`);
  }
}
