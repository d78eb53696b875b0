/** Load settings of a model. */
import { loadNote } from './load-notes.ts';
import { formatInteger, plural } from '../format.ts';

export const load = {
  note: loadNote,
  title: (name: string): string => `Load settings for ${name}`,
  memory: 'Memory',
  work: 'Work',
  more: 'More',
  moreLabel: 'More: threads, batch size, flash attention, file access',
  contextSize: {
    label: 'Context size',
    number: 'Tokens',
    unit: 'tokens',
    auto: (tokens: number): string =>
      tokens > 0
        ? `As much as fits: ${plural(tokens, { one: '# token', other: '# tokens' })} now.`
        : 'As much as fits.',
    model: (trained: number | null): string =>
      trained === null
        ? 'What the model was trained with.'
        : `What the model was trained with: ${plural(trained, { one: '# token', other: '# tokens' })}.`,
    tooLong: (trained: number): string =>
      `More than the ${plural(trained, { one: '# token', other: '# tokens' })} that it was trained with: replies may lose the thread.`,
    overTrained: 'Longer than trained',
    hint: 'How much of the conversation the model sees, in tokens. A token is about three quarters of a word.',
    own: 'Model’s own',
  },
  gpuLayers: {
    label: 'GPU layers',
    number: 'Number of GPU layers',
    hint: 'The CPU computes the other layers.',
    count: (onGpu: number, all: number, isAuto: boolean): string =>
      `${formatInteger(onGpu)} of ${plural(all, { one: '# layer', other: '# layers' })}${isAuto ? plural(onGpu, { one: ' fits now', other: ' fit now' }) : ''}. The CPU computes the others.`,
    all: 'All',
  },
  kvType: { label: 'Memory type (KV cache)', hint: 'Smaller types allow a larger context size.' },
  kvTypes: {
    F32: 'Twice the size of F16, rarely better',
    F16: 'The default',
    BF16: 'As large as F16, for models trained in it',
    Q8_0: 'About half of F16, almost no difference',
    Q5_1: 'About three eighths of F16',
    Q5_0: 'About a third of F16',
    Q4_1: 'About a third of F16; long texts may suffer',
    Q4_0: 'About a quarter of F16; long texts may suffer',
    IQ4_NL: 'About a quarter of F16; long texts may suffer',
  },
  slots: {
    label: 'Parallel slots',
    hint: 'Chats that the model answers at the same time. Each slot needs its own KV cache.',
  },
  number: 'Number',
  threads: {
    label: 'Threads',
    auto: 'Auto uses the fastest measured.',
    cores: (cores: number): string =>
      `Auto uses the fastest measured. This computer has ${plural(cores, { one: '# core', other: '# cores' })}; more threads are slower.`,
  },
  batch: {
    label: 'Batch size',
    hint: 'Tokens read at a time. Larger batches read long texts faster and take more memory.',
  },
  flashAttention: {
    label: 'Flash attention',
    hint: 'Faster in long conversations, and required by the quantized memory types.',
  },
  mmap: {
    label: 'Map the file (mmap)',
    hint: 'Loads instantly, and lets the system reclaim memory when other programs need it.',
  },
  mlock: { label: 'Lock in memory (mlock)', hint: 'Keeps the system from swapping the model out.' },
  needsFlash: (type: string): string => `The type ${type} needs flash attention, which is off.`,
  speculative: {
    label: 'Speculative decoding',
    off: 'Off',
    lookup: 'Prompt lookup',
    draft: 'Draft model',
    hints: {
      off: 'The model writes one token at a time.',
      lookup:
        'Drafts tokens from the text of the conversation; good for edits, code and summaries. Stops by itself when it does not help.',
      draft:
        'A small model of the same family drafts tokens, and the large one checks them. Both need the same vocabulary.',
    },
    missing: (modelId: string): string => `${modelId} (missing)`,
  },
  adapters: {
    label: 'Adapters (LoRA)',
    scale: (name: string): string => `Scale of ${name}`,
    remove: (name: string): string => `Remove ${name}`,
    toAdd: 'Adapter to add',
    choose: 'Choose an adapter file',
    add: 'Add the adapter',
    hint: 'Scale 1 is as trained. Loading checks whether an adapter fits.',
    forArchitecture: (architecture: string | null): string =>
      architecture === null ? 'for any model' : `for ${architecture}`,
  },
  fitRegion: 'Memory use',
  fit: { fits: 'Fits', tight: 'May be tight', too_big: 'Won’t fit', unknown: 'Unknown' },
  withContext: (tokens: number): string =>
    `With a context size of ${plural(tokens, { one: '# token', other: '# tokens' })}.`,
  numberRefused: 'A number above is refused. Correct it, then save.',
  reset: 'Reset',
  resetDone: (name: string): string => `${name} uses the default load settings again.`,
  save: 'Save',
  loadNow: 'Load now',
  reloadNow: 'Reload now',
  saveAndLoad: 'Save and load',
  saveAndReload: 'Save and reload',
  endsReplies: (count: number, chats: string): string => {
    const ends = plural(count, {
      one: 'Reloading ends the reply that is being written',
      other: 'Reloading ends the # replies that are being written',
    });
    return chats === '' ? `${ends}.` : `${ends}: ${chats}.`;
  },
  chatTitle: (title: string): string => `“${title}”`,
  reloadAnyway: 'End and reload',
  keepWriting: 'Keep writing',
  nextLoad: 'Takes effect at the next load.',
  nextLoadStill: 'The loaded model keeps its settings until it is reloaded.',
  running: {
    title: 'In memory now',
    memory: 'Memory',
    contextSize: 'Context size',
    gpuLayers: 'GPU layers',
    threads: 'Threads',
    batch: 'Batch size',
    kvCache: 'Memory type (KV cache)',
    withFlash: (type: string): string => `${type}, flash attention`,
    slots: 'Parallel slots',
    loadTime: 'Load time',
    notes: 'Notes on this load',
  },
  speed: {
    title: 'Speed on this computer',
    none: (isLoaded: boolean): string =>
      isLoaded
        ? 'Not measured yet. A small model is measured while it and this computer are idle.'
        : 'Not measured yet. The first load tries a few thread counts for under three seconds and keeps the fastest; for a small model that happens later, while it is idle.',
    found: (decode: string, decodeThreads: number, prompt: string, promptThreads: number, batch: number): string =>
      `Writes ${decode} with ${plural(decodeThreads, { one: '# thread', other: '# threads' })} and reads ${prompt} with ` +
      `${plural(promptThreads, { one: '# thread', other: '# threads' })}, ${plural(batch, { one: '# token', other: '# tokens' })} at a time.`,
    measured: (when: string, took: string): string => `Measured ${when} in ${took}.`,
    tried: 'What was tried',
    measuring: 'Measuring; this takes under three seconds',
    measureNow: 'Measure now',
    measureAgain: 'Measure again',
    mustBeLoaded: 'Load the model to measure it.',
    takes: 'This takes under three seconds.',
    notWhileBusy: 'Not while the model is busy.',
    columns: { phase: 'Phase', threads: 'Threads', batch: 'Batch size', speed: 'Speed' },
    writing: 'Writing',
    reading: 'Reading',
    chosen: (phase: string): string => `${phase} (chosen)`,
  },
};
