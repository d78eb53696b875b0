/** The Hub: search, filters, one model's page. */
import type { CuratedModel, RecommendedModel } from '../../../preload/contract/hub.ts';
import { formatCount, formatInteger, plural } from '../format.ts';

/** Why each model is on the app's own list. */
const curated: Record<CuratedModel, string> = {
  qwen3_30b_a3b:
    'It knows as much as a model of 30 billion parameters, and passes only 3 billion of them for each token.',
  gpt_oss_20b: 'It reasons well for its size, and passes only a sixth of its parameters for each token.',
  qwen3_14b: 'It knows more than the smaller ones of its family, for computers with a graphics card.',
  qwen3_8b: 'It is a capable all-rounder in many languages, and can think before it answers.',
  qwen3_4b: 'It answers well in many languages and runs well without a graphics card.',
  smollm3_3b: 'It is small, and its makers publish how it was trained.',
  qwen3_1_7b: 'It is among the best of the very small models, and can think before it answers.',
  qwen2_5_1_5b: 'It answers at once, without thinking first, and runs on old computers.',
  qwen3_0_6b: 'It is the smallest that still holds a conversation.',
};

function whyPicked({ why, speed, curated: key }: RecommendedModel): string {
  const reason = key === null ? 'It is among the most downloaded models of the Hub.' : curated[key];
  if (why === 'smallest')
    return `No model that Hearth knows both fits comfortably and is quick on this computer. This is the smallest. ${reason}`;
  switch (speed) {
    case 'predicted':
      return `The best that fits this computer and is quick on it. ${reason}`;
    case 'estimated':
      return `The best that fits this computer and should be quick on it: its speed is estimated from this computer’s memory. ${reason}`;
    case 'assumed':
      return `The best that fits this computer and should be quick on it; its speed is measured after the first load. ${reason}`;
    default:
      return speed satisfies never;
  }
}

export const discover = {
  tab: 'Discover',
  listLabel: 'Models on the Hub',
  model: 'Model',
  allModels: 'All models',
  chooseTitle: 'Choose a model',
  chooseText: 'Its files are listed here, each with a note whether it fits into this computer’s memory.',
  search: 'Search models',
  searchPlaceholder: 'Search models, or paste an address',
  searching: 'Searching',
  clearSearch: 'Clear the search',
  sortBy: 'Sort by',
  sorts: { trending: 'Trending', downloads: 'Most downloads', likes: 'Most likes', updated: 'Recently updated' },
  filters: 'Filters',
  filtersOn: 'on',
  activeFilters: 'Active filters',
  format: 'Format',
  formats: { gguf: 'GGUF', safetensors: 'safetensors', any: 'Any' },
  anyFormat: 'Any format',
  task: 'Task',
  anyTask: 'Any task',
  tasks: {
    'text-generation': 'Text and chat',
    'image-text-to-text': 'Images and text',
    'feature-extraction': 'Embeddings',
    'text-ranking': 'Ranking',
    translation: 'Translation',
    summarization: 'Summaries',
    'automatic-speech-recognition': 'Speech to text',
    'text-to-speech': 'Text to speech',
  } as Record<string, string>,
  license: 'License',
  anyLicense: 'Any license',
  author: 'Author',
  authorPlaceholder: 'A user or an organization',
  authorWrong: 'An author’s name on the Hub is one word.',
  clearFilters: 'Clear filters',
  removeFilter: (name: string): string => `Remove the filter ${name}`,
  byAuthor: (name: string): string => `By ${name}`,
  results: 'Results',
  noResults: 'Nothing on the Hub matches',
  noResultsText: 'Try fewer or other words, or remove filters.',
  noGguf: 'No model with GGUF files matches',
  noGgufText:
    'Models that are published as original weights (safetensors) alone are not among these. Most can be converted.',
  searchAllFormats: 'Search all formats',
  foreignAddress: (host: string): string =>
    `${host} is not the Hub. Paste the address of a model on Hugging Face, or search by name.`,
  noModelTitle: 'No model to show',
  noModelText: 'Models that match the search are shown here.',
  noSuchModel: (repoId: string): string => `There is no ${repoId} on the Hub, or it is private.`,
  showEverything: 'Show everything',
  offlineText: 'Models on this computer still work. Interrupted downloads resume where they stopped.',
  localModels: 'Models on this computer',
  nextPageFailed: 'The next page could not be loaded.',
  more: 'More',
  gated: 'Gated',
  ggufMark: 'GGUF',
  downloadsHidden: 'Downloads',
  likesHidden: 'Likes',
  updatedHidden: 'Updated',
  offlineNote: (byChoice: boolean, when: string): string =>
    `${byChoice ? 'Offline mode is on.' : 'The Hub cannot be reached.'} These results are from ${when}.`,
  pick: {
    title: 'Recommended for this computer',
    looking: 'Choosing a model for this computer',
    why: whyPicked,
    download: (size: string): string => `Download (${size})`,
    offline: (size: string, quantization: string, license: string): string =>
      `The Hub cannot be reached. From Hearth’s own list: ${size} to download, ${quantization}, license ${license}.`,
  },
  openOnHub: 'Open on the Hub',
  downloads: (count: number): string => plural(count, { one: '# download', other: `${formatCount(count)} downloads` }),
  likes: (count: number): string => plural(count, { one: '# like', other: `${formatCount(count)} likes` }),
  updated: (when: string): string => `Updated ${when}`,
  facts: {
    license: 'License',
    parameters: 'Parameters',
    context: 'Context size',
    architecture: 'Architecture',
    access: 'Access',
    baseModel: 'Base model',
    size: 'Size',
    dataType: 'Data type',
    dataTypes: 'Data types',
  },
  accessOpen: 'Open',
  accessGated: 'After accepting the license',
  accessGranted: 'Granted to your account',
  noFilesTitle: 'No GGUF files',
  noFilesText: 'Hearth runs GGUF files. Someone may have published them for this model.',
  lookForGguf: 'Look for a GGUF version',
  ggufQuery: (name: string): string => `${name} GGUF`,
  fileMissing: (name: string): string => `There is no ${name} here. These are the available files.`,
  severalFiles: (name: string): string => `Several files here are ${name}. Choose one of them.`,
  tags: 'Tags',
  moreTags: (count: number): string => `${formatInteger(count)} more`,
  files: 'Files',
  columns: { file: 'File', size: 'Size', bits: 'Bits per weight', memory: 'Memory', here: 'On this computer' },
  quantizationUnknown: 'Unknown quantization',
  recommended: 'Recommended',
  shards: (count: number): string => plural(count, { one: '# shard', other: '# shards' }),
  showFit: 'Show its memory use',
  onThisComputer: 'On this computer',
  download: 'Download',
  downloadFile: (name: string): string => `Download ${name}`,
  access: 'Access',
  accessRefused: 'The account of the saved token has no access yet.',
  tokenNeeded: 'Then enter your access token in Settings, so that Hearth can download with your account.',
  acceptOnHub: 'Accept on the Hub',
  enterToken: 'Enter a token',
  enterAnotherToken: 'Enter another token',
  fit: {
    contextSize: 'Context size',
    gpuLayers: 'GPU layers',
    memoryType: 'Memory type (KV cache)',
    reset: 'Reset to what Hearth would choose',
    unreadable: (why: string): string => `Estimated from the file size; the header could not be read. ${why}.`,
    reading: 'Estimated from the file size; reading the header.',
    readBefore: 'Calculated from the model’s header, which was read before.',
    readNow: (size: string, requests: number): string =>
      `Calculated from the model’s header: ${size} of the file was read, in ${plural(requests, { one: '# request', other: '# requests' })}.`,
  },
  card: { title: 'Model card', continued: 'The card continues on the Hub.', table: 'Table' },
  safetensors: {
    title: 'Original weights',
    format: '(safetensors)',
    byType: 'Parameters by data type',
  },
  errorActions: {
    acceptOnHub: 'Accept on the Hub',
    freeSpace: 'Free up space',
    chooseFolder: 'Choose another folder',
  },
};
