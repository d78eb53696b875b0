/** The thread that renders chat templates. They are untrusted: one that loops ends this thread and nothing else. */
import { parentPort, workerData } from 'node:worker_threads';
import { encodeError } from '../../../preload/wire/errors.ts';
import { createChatTemplate, type ChatTemplate } from './chat-template.ts';
import { localTimeOf } from '../jinja/format/strftime.ts';
import { createRecentMap } from './recent-map.ts';
import { KEPT_TEMPLATES, type TemplateAnswer, type TemplateQuestion, type TemplateSource } from './template-host.ts';
import type { ThreadAnswer } from './template-thread.ts';

const { special } = workerData as Pick<TemplateSource, 'special'>;
const say = (answer: ThreadAnswer<TemplateAnswer>): void => parentPort?.postMessage(answer);
const compiled = createRecentMap<string, ChatTemplate>(KEPT_TEMPLATES);

parentPort?.on('message', ({ source, ask }: TemplateQuestion) => {
  try {
    const template = compiled.get(source, () => createChatTemplate(source, special, () => localTimeOf(new Date())));
    if (ask === 'tool problem') say({ answer: { toolProblem: template.toolProblem() } });
    else say({ answer: template.render(ask.messages, ask.tools, ask.options) });
  } catch (error) {
    say({ error: encodeError(error) });
  }
});
say('ready');
