/** The Hub API's facts about a repository. A field that is absent or malformed counts as unknown. */
import { z } from 'zod';
import { loadHubLibrary } from './hub-library.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import { isRepoId } from '../../../preload/contract/model-reference.ts';
import { unreadable, type HubClient } from './hub-client.ts';

const orNull = <T extends z.ZodType>(schema: T) => schema.nullable().catch(null).default(null);

export const factsSchema = z.looseObject({
  id: z.string().refine(isRepoId),
  downloads: z.number().catch(0),
  likes: z.number().catch(0),
  lastModified: orNull(z.string()),
  gated: z.union([z.literal(false), z.literal('auto'), z.literal('manual')]).catch(false),
  pipeline_tag: orNull(z.string()),
  tags: z.array(z.string()).catch([]),
});
export type Facts = z.infer<typeof factsSchema>;

const card = z.looseObject({
  license: orNull(z.string()),
  base_model: orNull(z.union([z.string(), z.array(z.string())])),
});
const gguf = z.looseObject({
  total: orNull(z.number().positive()),
  architecture: orNull(z.string()),
  context_length: orNull(z.number().positive()),
  chat_template: orNull(z.string()),
});
const safetensors = z.looseObject({
  total: orNull(z.number().positive()),
  parameters: orNull(z.record(z.string(), z.number().nonnegative())),
});
const namedTemplates = z.array(z.object({ name: z.string(), template: z.string() }));
const config = z.looseObject({
  chat_template_jinja: orNull(z.string()),
  tokenizer_config: orNull(z.looseObject({ chat_template: orNull(z.union([z.string(), namedTemplates])) })),
});

/** The fields that `detailOf` reads, beside those of every answer. */
export const detailFields = ['tags', 'sha', 'cardData', 'gguf', 'safetensors', 'config'] as const;

export interface Detail {
  readonly gguf: z.infer<typeof gguf>;
  readonly safetensors: z.infer<typeof safetensors>;
  readonly baseModel: string | null;
  readonly chatTemplate: string | null;
}

/** The facts in the answer for one model that a search result does not have. */
export function detailOf(found: Facts): Detail {
  const read = <T>(schema: z.ZodType<T>, field: string): T => {
    const parsed = schema.safeParse(found[field] ?? {});
    return parsed.success ? parsed.data : schema.parse({});
  };
  const facts = read(gguf, 'gguf');
  const base = read(card, 'cardData').base_model;
  const { chat_template_jinja, tokenizer_config } = read(config, 'config');
  const template = tokenizer_config?.chat_template ?? null;
  const named = Array.isArray(template) ? template.find(({ name }) => name === 'default')?.template : template;
  return {
    gguf: facts,
    safetensors: read(safetensors, 'safetensors'),
    baseModel: (Array.isArray(base) ? base[0] : base) ?? null,
    chatTemplate: facts.chat_template ?? chat_template_jinja ?? named ?? null,
  };
}

/** The facts of one repository at `revision` (null: the default branch). Throws hub.*. */
export async function repositoryFacts(
  client: HubClient,
  repoId: string,
  revision: string | null,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<Facts> {
  const answer = await (
    await loadHubLibrary()
  )
    .modelInfo({
      name: repoId,
      hubUrl: client.endpoint,
      fetch: client.api({ repoId }, signal),
      // The library's type lacks the field `gguf`, but it passes on any field.
      additionalFields: [...fields] as never[],
      ...(revision === null ? {} : { revision }),
    })
    .catch((error: unknown) => {
      throw unreadable(error, signal, repoId);
    });
  const { name, task, updatedAt, ...rest } = answer;
  // The library returns the model's id as `name`, and an invalid Date for an unreadable one.
  const lastModified = Number.isNaN(updatedAt.getTime()) ? null : updatedAt.toISOString();
  const parsed = factsSchema.safeParse({ ...rest, id: name, pipeline_tag: task, lastModified });
  if (!parsed.success)
    throw new AppError('hub.bad_response', 'The Hub answered with something that is no model.', { repoId });
  return parsed.data;
}

export function summaryOf(found: Facts): HubModelSummary {
  const license = found.tags.find((tag) => tag.startsWith('license:'))?.slice('license:'.length);
  const updatedAt = Date.parse(found.lastModified ?? '');
  return {
    repoId: found.id,
    downloads: found.downloads,
    likes: found.likes,
    updatedAt: Number.isNaN(updatedAt) ? 0 : updatedAt,
    gated: found.gated,
    task: found.pipeline_tag,
    license: license ?? null,
    isGguf: found.tags.includes('gguf'),
  };
}
