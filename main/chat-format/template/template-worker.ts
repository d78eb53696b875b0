/** The thread that renders a chat template. Templates are untrusted: one that loops ends this thread and nothing else. */
import { parentPort, workerData } from 'node:worker_threads';
import { encodeError } from '../../../preload/wire/errors.ts';
import { createChatTemplate, type ChatTemplate } from './chat-template.ts';
import { localTimeOf } from '../jinja/format/strftime.ts';
import type { TemplateAnswer, TemplateQuestion, TemplateSource } from './template-host.ts';
import type { ThreadAnswer } from './template-thread.ts';

const { source, special } = workerData as TemplateSource;
const say = (answer: ThreadAnswer<TemplateAnswer>): void => parentPort?.postMessage(answer);
let template: ChatTemplate | undefined;

parentPort?.on('message', (question: TemplateQuestion) => {
  try {
    template ??= createChatTemplate(source, special, () => localTimeOf(new Date()));
    if (question === 'tool problem') say({ answer: { toolProblem: template.toolProblem() } });
    else say({ answer: template.render(question.messages, question.tools) });
  } catch (error) {
    say({ error: encodeError(error) });
  }
});
say('ready');
