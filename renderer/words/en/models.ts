/** Models, wherever they are named, listed or described. */
import { formatInteger, plural } from '../format.ts';

export const models = {
  licenses: {
    none: 'No license stated',
    byId: {
      'apache-2.0': 'Apache 2.0',
      mit: 'MIT',
      'bsd-2-clause': 'BSD 2-Clause',
      'bsd-3-clause': 'BSD 3-Clause',
      'cc0-1.0': 'CC0 1.0 (public domain)',
      'cc-by-4.0': 'CC BY 4.0',
      'cc-by-sa-4.0': 'CC BY-SA 4.0',
      'cc-by-nc-4.0': 'CC BY-NC 4.0 (no commercial use)',
      'cc-by-nc-sa-4.0': 'CC BY-NC-SA 4.0 (no commercial use)',
      gemma: 'Gemma Terms of Use',
      llama2: 'Llama 2 Community License',
      llama3: 'Llama 3 Community License',
      'llama3.1': 'Llama 3.1 Community License',
      'llama3.2': 'Llama 3.2 Community License',
      'llama3.3': 'Llama 3.3 Community License',
      llama4: 'Llama 4 Community License',
      'gpl-3.0': 'GPL 3.0',
      'agpl-3.0': 'AGPL 3.0',
      openrail: 'OpenRAIL',
      unknown: 'Unknown license',
      other: 'Custom license',
    } as Record<string, string>,
  },
  gating: {
    auto: 'The owner asks you to accept the license on the Hub first. Access is granted at once.',
    manual:
      'The owner asks you to accept the license on the Hub first and reviews each request. Access can take a while.',
    hidden: 'The owner shows this model only after its license was accepted on the Hub.',
  },
  fit: { fits: 'Fits', tight: 'May be tight', too_big: 'Won’t fit', unknown: 'Unknown' },
  fitBar: {
    weights: 'Weights',
    kvCache: 'KV cache',
    compute: 'Compute buffers',
    needed: (needed: string): string => `${needed} needed`,
    neededOfFree: (needed: string, free: string): string => `${needed} of ${free} free`,
    neededMoreThanFree: (needed: string, free: string): string => `${needed} needed, ${free} free`,
    missing: (size: string): string => `${size} missing`,
    part: (name: string, size: string): string => `${name} ${size}`,
    summary: (memory: string, need: string, parts: string): string => `${memory}: ${need}. ${parts}`,
  },
  fitCard: {
    title: 'Memory',
    region: (name: string): string => `Memory for ${name}`,
    layers: (onGpu: number, all: number): string =>
      `${formatInteger(onGpu)} of ${plural(all, { one: '# layer', other: '# layers' })} on the GPU`,
    context: (tokens: number): string =>
      `With a context size of ${plural(tokens, { one: '# token', other: '# tokens' })}.`,
  },
  basis: {
    file_size: 'Estimated from the file size.',
    header: 'Estimated from the model’s header.',
    measured: 'Measured when it was last loaded on this computer.',
  },
  groups: {
    projectors: 'Projectors',
    projectorsNote: 'Let a model see images or hear sound. Not models by themselves.',
    adapters: 'Adapters (LoRA)',
    adaptersNote: 'Change the style of a base model. Not models by themselves.',
    drafts: 'Draft models',
    draftsNote: 'Predict the tokens of a model here, so that it writes faster.',
    vocoders: 'Vocoders',
    vocodersNote: 'Turn what a speech model writes into sound. Not models by themselves.',
    matrices: 'Importance matrices',
    matricesNote: 'Were used to quantize the models here. They are not models and cannot be loaded.',
    bitsNotes: {
      two: 'Smallest, with a clear loss of quality.',
      three: 'Small, with some loss of quality.',
      four: 'The usual choice.',
      six: 'Closer to the original.',
      eight: 'Almost no loss.',
      full: 'Original precision, or close to it. Large and slow.',
    },
  },
  auxiliary: {
    adapter: 'Adapter (LoRA)',
    adapterText: (architecture: string | null): string =>
      `Changes the style of ${architecture === null ? 'a model' : `a ${architecture} model`}. Choose it in that model’s load settings.`,
    draft: 'Draft model',
    draftText: 'Predicts the tokens of the model that it was made for, so that it writes faster.',
    vocoder: 'Vocoder',
    vocoderText: 'Turns what the model that it was made for writes into sound. It is not a model by itself.',
    imatrix: 'Importance matrix',
    imatrixText: 'Was used to quantize models. There is nothing to run in it.',
    projector: 'Projector',
    projectorText: 'Lets the model that it was made for see images or hear sound. It is not a model by itself.',
  },
  origins: {
    built_in: 'Built in',
    hub: (repoId: string): string => `From ${repoId}`,
    imported: 'Added from a file',
    folder: 'In one of your folders',
    program: (name: string): string => `Belongs to ${name}`,
  },
  loaded: {
    failed: 'Could not be loaded',
    inUse: 'in use',
    writing: 'writing',
    writingReplies: (count: number): string => plural(count, { one: 'writing # reply', other: 'writing # replies' }),
    loading: (percent: string): string => `Loading, ${percent}`,
    preparing: 'Preparing',
    on: (device: string): string => `on ${device}`,
    sizeOn: (size: string, device: string): string => `${size} on ${device}`,
    ramAndVram: (ram: string, vram: string): string => `${ram}, ${vram}`,
    unloadsSoon: 'unloads in under a minute',
    unloadsInMinutes: (minutes: number): string => `unloads in ${formatInteger(minutes)}\u00a0min`,
    unloadsInHours: (hours: number): string => `unloads in ${formatInteger(hours)}\u00a0h`,
  },
  template: {
    title: 'Chat template',
    lines: (count: number): string => plural(count, { one: '# line', other: '# lines' }),
    text: 'The template puts your messages into the form that the model was trained on. A template can contain hidden instructions.',
  },
  downloadAgain: 'Download again',
  chat: 'Chat',
  chatWith: (name: string): string => `Chat with ${name}`,
  load: (name: string): string => `Load ${name}`,
  unload: (name: string): string => `Unload ${name}`,
  loadSettings: 'Load settings',
  loadSettingsFor: (name: string): string => `Load settings for ${name}`,
  tokens: (count: number): string => plural(count, { one: '# token', other: '# tokens' }),
  tokensOf: (count: number, all: number): string =>
    `${formatInteger(count)} of ${plural(all, { one: '# token', other: '# tokens' })}`,
  layersOf: (count: number, all: number): string =>
    `${formatInteger(count)} of ${plural(all, { one: '# layer', other: '# layers' })}`,
  countOf: (count: number, all: number): string => `${formatInteger(count)} of ${formatInteger(all)}`,
  usedAgo: (when: string): string => `Used ${when}`,
  notUsed: 'Not used yet',
  actions: {
    endsReply: (name: string): string => `${name} is writing a reply`,
    endsReplyText: 'Unloading ends the reply. What was written is kept.',
    filesAdded: (count: number): string => plural(count, { one: '# file was added', other: '# files were added' }),
    updates: (count: number): string =>
      count === 0
        ? 'Every model is up to date'
        : plural(count, { one: '# model has an update', other: '# models have an update' }),
    deleted: (name: string): string => `Deleted ${name}`,
    frees: (size: string): string => `Frees ${size}.`,
    freesNothing: 'Frees nothing: another revision has the same files.',
    goneAlready: (name: string): string => `${name} was already deleted`,
    goneText: 'Its file is no longer on the disk.',
    found: (count: number): string =>
      plural(count, { one: '# model on this computer', other: '# models on this computer' }),
    cleaned: (size: string): string => `${size} freed`,
    nothingCleaned: 'Nothing to clean up',
    revision: (commit: string): string => `revision ${commit}`,
  },
};

/** Text with its tokens. */
export const tokens = {
  hint: 'Point at a token, or use the arrow keys.',
  place: (place: number, all: number): string => `Token ${formatInteger(place)} of ${formatInteger(all)}`,
  id: 'id',
  text: 'text',
  showAll: (count: number): string => `Show all ${plural(count, { one: '# token', other: '# tokens' })}`,
};
