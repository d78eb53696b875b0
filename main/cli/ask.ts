/** `npm start -- --ask`: one answer of the built-in model in the terminal. */
import { AppError } from '../../preload/wire/errors.ts';
import { builtInModel } from '../app/built-in.ts';
import { checkoutLayout } from '../app/layout.ts';
import { withoutControls } from '../base/foreign-text.ts';
import { createInterrupt } from '../base/interrupt.ts';
import { openOwnModel } from './models.ts';
import { greedySampling } from './sampling.ts';

/** Streams the answer to standard output; the exit code is 130 after an interruption. @throws AppError `invalid_input`, and those of the engine. */
export async function ask(question: string): Promise<void> {
  if (question.trim() === '')
    throw new AppError('invalid_input', 'There is no question. Example: npm start -- --ask "Who are you?"');
  const abort = new AbortController();
  const interrupt = createInterrupt(
    () => abort.abort(),
    () => process.exit(130), // a second Ctrl+C: do not wait
  );
  process.on('SIGINT', interrupt);
  const model = await openOwnModel(builtInModel.id, { cacheFolder: null, layout: checkoutLayout() });
  const request = { input: { messages: [{ role: 'user' as const, content: question }] }, sampling: greedySampling };
  try {
    for await (const step of model.generate(request, abort.signal))
      if (step.type === 'text')
        process.stdout.write(process.stdout.isTTY ? withoutControls(step.content) : step.content);
  } finally {
    await model.close();
  }
  process.stdout.write('\n');
  if (abort.signal.aborted) process.exitCode = 130;
}
