/** Deleting models, giving them names, and what Hearth does not do: https://github.com/ollama/ollama/blob/main/docs/api.md. */
import { z } from 'zod';
import { modelNameSchema, type ModelName } from '../../../preload/contract/server.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { modelFields, modelNameOf } from './fields.ts';
import { findModel, withoutLatest } from './find-model.ts';

const deleteSchema = z.object(modelFields);

export const deleteRoute = route({
  method: 'DELETE',
  path: '/api/delete',
  dialect: 'ollama',
  group: 'manage',
  summary:
    'Deletes a model, which can be undone in Hearth for some seconds. A name that was given to a model goes alone.',
  body: deleteSchema,
  example: { model: 'my-model' },
  async handle(exchange: Exchange<z.infer<typeof deleteSchema>>, services: Services) {
    const { preset, modelId } = await findModel(services, exchange, modelNameOf(exchange.body));
    exchange.entry.note({ modelId });
    if (preset) services.given.remove(preset.name);
    else await services.library.deleteModel(modelId);
    exchange.text(200, 'text/plain; charset=utf-8', '');
  },
});

/** The name as it is stored: `:latest` stands for no tag. @throws AppError `invalid_input`. */
export function readNewName(name: string, field: string): string {
  const parsed = modelNameSchema.shape.name.safeParse(withoutLatest(name.trim()));
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_input', `"${field}" is not valid: ${parsed.error.issues[0]?.message ?? 'no name'}.`, {
    field,
  });
}

const copySchema = z.object({ source: z.string().max(600), destination: z.string().max(600) });

export const copyRoute = route({
  method: 'POST',
  path: '/api/copy',
  dialect: 'ollama',
  group: 'manage',
  summary: 'Gives a model a further name. Nothing is copied.',
  body: copySchema,
  example: { source: 'ember', destination: 'little-fire' },
  async handle(exchange: Exchange<z.infer<typeof copySchema>>, services: Services) {
    const { source, destination } = exchange.body;
    const name = readNewName(destination, 'destination');
    const { modelId, preset } = await findModel(services, exchange, source);
    exchange.entry.note({ modelId });
    const plain: Omit<ModelName, 'name'> = { modelId, systemPrompt: null, template: null, sampling: {}, messages: [] };
    await services.given.save({ ...plain, ...preset, name }, exchange.caller);
    exchange.text(200, 'text/plain; charset=utf-8', '');
  },
});

const noBlobs = (): never => {
  throw new AppError(
    'unsupported',
    'Hearth takes no files over this interface. Drop the GGUF file into the window, or name its folder in the settings; convert a checkpoint with "hearth convert".',
    { reason: 'no_blobs' },
  );
};

/** Ollama's command line asks with HEAD whether a file is there, and sends it with POST. */
export const blobRoutes = (['HEAD', 'POST'] as const).map((method) =>
  route({
    ...{ method, path: '/api/blobs/:digest', dialect: 'ollama', group: 'manage', body: null },
    summary: 'Refused: Hearth takes no files over this interface.',
    handle: noBlobs,
  }),
);

export const pushRoute = route({
  method: 'POST',
  path: '/api/push',
  dialect: 'ollama',
  group: 'manage',
  summary: 'Refused: Hearth publishes no models.',
  body: z.object(modelFields),
  example: { model: 'ember' },
  handle() {
    throw new AppError(
      'unsupported',
      'Hearth publishes no models. Upload the file to the Hugging Face Hub with "hf upload".',
      { reason: 'no_push' },
    );
  },
});
