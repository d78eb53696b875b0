/** A chat template tried out: what it makes of a conversation, and what a reply to that is read as. For people who look at a template. */
import { AppError } from '../../../preload/wire/errors.ts';
import { localTimeOf, type LocalTime } from '../jinja/format/strftime.ts';
import { readReply, type ReadReply } from '../reply/read-reply.ts';
import { definitionOf, readMessages, readTools, renderAsGiven, type AsGiven } from './render-as-given.ts';
import type { TemplateSource } from './template-host.ts';

export interface TemplateTrial {
  /** As OpenAI's API has them. Null for a reply alone: it then answers one short question. */
  readonly messages: unknown;
  /** As OpenAI's API has them; null: none. */
  readonly tools: unknown;
  /** The time that a template may ask for, such as 2026-01-31T12:00:00, in whatever zone. Null: the clock of this computer. */
  readonly now: string | null;
}

/** @throws AppError `invalid_input` with the place, `template.invalid`. */
export function renderTrial({ source, special }: TemplateSource, { messages, tools, now }: TemplateTrial): AsGiven {
  return renderAsGiven(source, {
    messages: readMessages(messages),
    tools: tools === null ? null : readTools(tools),
    special,
    now: clockOf(now),
  });
}

/** A reply as it is read, with the arguments of its calls as JSON text. */
export type TrialReading = Omit<ReadReply, 'calls'> & {
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
};

/** @throws AppError `invalid_input` with the place, `template.invalid`. */
export function readTrialReply(template: TemplateSource, trial: TemplateTrial, text: string): TrialReading {
  const prompt = trial.messages === null ? simplestPrompt(template, trial) : renderTrial(template, trial).text;
  const tools = trial.tools === null ? null : readTools(trial.tools).map(definitionOf);
  const read = readReply(text, { prompt, source: template.source, tools });
  return {
    ...read,
    calls: read.calls.map(({ name, arguments: values }) => ({ name, arguments: JSON.stringify(values) })),
  };
}

/** The prompt of one question, which shows how the template begins a reply. A template that refuses it begins none. */
function simplestPrompt(template: TemplateSource, trial: TemplateTrial): string {
  try {
    return renderTrial(template, { ...trial, messages: [{ role: 'user', content: 'Hello' }] }).text;
  } catch {
    return '';
  }
}

/** @throws AppError `invalid_input`. */
export function clockOf(text: string | null): () => LocalTime {
  if (text === null) return () => localTimeOf(new Date());
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  const date = new Date(`${match?.[1] ?? ''}T${match?.[2] ?? '00:00'}Z`);
  if (!match || Number.isNaN(date.getTime()))
    throw new AppError('invalid_input', `A time is written such as 2026-01-31T12:00:00, not "${text}".`, {
      ...{ reason: 'not_a_time', field: 'now' },
    });
  const time: LocalTime = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: date.getUTCMilliseconds() * 1000,
  };
  return () => time;
}
