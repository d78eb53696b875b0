/** `/api/create`: a name for a model with what goes with it. https://github.com/ollama/ollama/blob/main/docs/api.md#create-a-model. */
import { z } from 'zod';
import { modelNameSchema, type ModelName } from '../../../preload/contract/server.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { modelFields, modelNameOf, textSchema } from './fields.ts';
import { findModel } from './find-model.ts';
import { readTemplate } from './go-template/go-template.ts';
import { readNewName } from './manage.ts';
import { readModelfile } from './modelfile.ts';
import { readParameters } from './parameters.ts';

const longText = z.string().max(200_000);
const files = z.record(z.string().max(1000), z.string().max(200));

const createSchema = z.object({
  ...modelFields,
  from: z.string().max(600).nullish(),
  system: longText.nullish(),
  template: longText.nullish(),
  parameters: z.record(z.string().max(64), z.unknown()).nullish(),
  messages: z
    .array(z.object({ role: z.string().max(20), content: longText.nullish() }))
    .max(200)
    .nullish(),
  license: z.union([longText, z.array(longText).max(20)]).nullish(),
  stream: z.boolean().nullish(),
  files: files.nullish(),
  adapters: files.nullish(),
  quantize: z.string().max(40).nullish(),
  quantization: z.string().max(40).nullish(),
  /** The text of a Modelfile, which Ollama took until version 0.5.5. */
  modelfile: textSchema.nullish(),
  path: z.string().max(4096).nullish(),
});
type CreateBody = z.infer<typeof createSchema>;

const refuse = (message: string, field: string): AppError =>
  new AppError('unsupported', message, { reason: 'create', field });

/** @throws AppError `unsupported` for what makes a new file. */
function refuseNewFiles({ files: given, adapters, quantize, quantization, path }: CreateBody): void {
  if (Object.keys(given ?? {}).length > 0)
    throw refuse(
      'Hearth makes a model of files with "hearth convert", and takes a GGUF file that is dropped into its window. Name a model that is here in "from".',
      'files',
    );
  if (Object.keys(adapters ?? {}).length > 0)
    throw refuse(
      'An adapter belongs to the load settings of a model: choose it there. "hearth convert" makes a GGUF file of it.',
      'adapters',
    );
  if (quantize || quantization)
    throw refuse('Quantize with "hearth quantize", and name the new file in "from".', 'quantize');
  if (path) throw refuse('Hearth reads no Modelfile from a path. Send its text in "modelfile".', 'path');
}

/** What goes with the new name, over what goes with the name that it is made from. @throws AppError `invalid_input`. */
function definitionOf(
  body: CreateBody,
  base: Omit<ModelName, 'name'>,
): { definition: Omit<ModelName, 'name'>; left: string[] } {
  const { sampling, left } = readParameters(body.parameters ?? {});
  const messages = body.messages?.map(({ role, content }) => ({ role: role.toLowerCase(), content: content ?? '' }));
  const parsed = modelNameSchema.omit({ name: true }).safeParse({
    modelId: base.modelId,
    systemPrompt: body.system || base.systemPrompt,
    template: body.template ? readTemplate(body.template, 'template') : base.template,
    sampling: { ...base.sampling, ...sampling },
    messages: messages && messages.length > 0 ? messages : base.messages,
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.map(String).join('.') ?? '';
    throw new AppError('invalid_input', `"${field}" is not valid: ${issue?.message ?? 'wrong shape'}.`, { field });
  }
  return {
    definition: parsed.data,
    left: [
      ...left.map((name) => `PARAMETER ${name} is left out: it belongs to the model's load settings in Hearth`),
      ...(!isGiven(body.license) ? [] : ['LICENSE is left out: the license of the model stays']),
    ],
  };
}

export const createRoute = route({
  method: 'POST',
  path: '/api/create',
  dialect: 'ollama',
  group: 'manage',
  summary: 'Gives a model a name with a system prompt, a template, parameters and messages of its own.',
  body: createSchema,
  example: { model: 'pirate', from: 'ember', system: 'You are a pirate.', stream: false },
  async handle(exchange: Exchange<CreateBody>, services: Services) {
    const { modelfile, ...fields } = exchange.body;
    const body: CreateBody = modelfile ? { ...fields, ...readModelfile(modelfile) } : fields;
    const name = readNewName(modelNameOf(body), 'model');
    refuseNewFiles(body);
    if (!body.from)
      throw new AppError('invalid_input', '"from" is missing: the name of a model that is here.', { field: 'from' });
    const { modelId, preset } = await findModel(services, exchange, body.from);
    exchange.entry.note({ modelId });
    const plain = { modelId, systemPrompt: null, template: null, sampling: {}, messages: [] };
    const { definition, left } = definitionOf(body, preset ?? plain);
    await services.given.save({ ...definition, name }, exchange.caller);
    if (body.stream === false) return exchange.json(200, { status: 'success' });
    const stream = exchange.lines();
    for (const status of ['reading model metadata', ...left, 'writing manifest', 'success'])
      await stream.send({ status });
    stream.end();
  },
});
