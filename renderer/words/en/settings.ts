/** Settings. */
import type { BackendProblem } from '../../../preload/contract/engine.ts';
import type { CacheFolderKind, ShownCertificates } from '../../../preload/contract/settings.ts';
import { formatInteger, plural } from '../format.ts';

/** The owner of a folder for the models. */
function folderKind(folder: CacheFolderKind): string {
  switch (folder.kind) {
    case 'hugging_face':
      return 'Shared with the Hugging Face tools';
    case 'hearth':
      return 'In Hearth’s own data folder';
    case 'picked':
      return 'Chosen folder';
    case 'environment':
      return `Set by ${folder.variable}`;
    default:
      return folder satisfies never;
  }
}

export const settings = {
  title: 'Settings',
  loading: 'Loading the settings',
  sectionList: 'Sections',
  sections: {
    appearance: { title: 'Appearance', text: 'Theme, language, size of text and density.' },
    keyboard: { title: 'Keyboard', text: 'The keys of every command. Chosen keys apply at once, in all windows.' },
    replies: {
      title: 'Sampling',
      text: 'Defaults for new chats. A chat can have values of its own; many models recommend values on their page.',
    },
    engine: { title: 'Engine', text: 'How much memory models may use, and the hardware they run on.' },
    elsewhere: {
      title: 'Engines elsewhere',
      text: 'Models of servers that speak OpenAI’s protocol: llama-server, vLLM, Ollama, LM Studio, another Hearth, or a service. All are off until you switch them on; what you write to their models is sent there.',
    },
    folder: {
      title: 'Models folder',
      text: 'Where downloads are stored. Other Hugging Face programs use the shared folder too, so nothing is stored twice.',
    },
    folders: {
      title: 'Other model folders',
      text: 'GGUF files in these folders are used in place, without a copy. Hearth never writes there. Models of LM Studio, Ollama, Jan and GPT4All are found automatically.',
    },
    downloads: { title: 'Downloads', text: 'How much bandwidth and disk space downloads may use.' },
    hub: {
      title: 'Hugging Face',
      text: 'A token gives access to gated models and to your private ones. Public models need none.',
    },
    network: { title: 'Network', text: 'For a mirror of the Hub, a proxy, or custom certificates.' },
    chats: { title: 'Import and export', text: 'Take chats along from other programs, and keep yours in files.' },
    computer: {
      title: 'What is on this computer',
      text: 'All that Hearth keeps, and where. Nothing is sent: Hearth has no telemetry, no account and no cloud.',
    },
    developer: { title: 'Developer mode', text: 'Off, Hearth shows what most people need.' },
    about: { title: 'About', text: 'Facts for a bug report.' },
  },
  search: 'Search settings',
  nothing: 'No setting matches.',
  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  engine: {
    budget: 'Memory for models',
    budgetAuto: 'What is free',
    budgetLimit: 'At most',
    budgetUnit: 'GB',
    budgetHint: 'When a model needs memory, the least recently used model is unloaded.',
    budgetTotal: (size: string): string => `This computer has ${size}.`,
    idle: 'Unload idle models',
    idleHint: 'Frees their memory; the next message loads the model again.',
    idleMinutes: 'Idle time in minutes',
    states: 'Keep the state of long chats',
    statesHint: 'Stores KV caches on the disk, so that a long chat that is reopened answers at once.',
    statesDisk: 'Disk space for chat states',
  },
  preload: {
    label: 'Load when Hearth starts',
    earlier: (name: string): string => `Move ${name} up`,
    remove: (name: string): string => `Do not load ${name} at startup`,
    toAdd: 'Model to load at startup',
    choose: 'Choose a model',
    add: 'Load it at startup',
    none: (builtIn: string): string => `If you choose none, ${builtIn} is loaded.`,
    builtIn: 'the built-in model',
    order: 'Loaded in this order, as long as they fit.',
  },
  hardware: {
    title: 'Hardware',
    backends: 'GPU support',
    free: (free: string, total: string): string => `${free} of ${total} free`,
    inUse: (size: string): string => `In use ${size}`,
    cores: (cores: number): string => plural(cores, { one: '# core', other: '# cores' }),
    coresAndFeatures: (cores: string, features: string): string => `${cores} · ${features}`,
    badge: 'In use',
    install: 'Install',
    installNamed: (name: string): string => `Install ${name}`,
    installing: (name: string): string => `Installing ${name}`,
    starting: 'Starting',
  },
  backends: {
    names: { cuda: 'CUDA (NVIDIA)', vulkan: 'Vulkan (AMD, Intel, NVIDIA)', metal: 'Metal (Apple)' },
    installed: 'Models can run on the graphics card.',
    unavailable: 'Not available for this computer.',
    problems: {
      found_no_gpu: 'Its libraries work, but they found no GPU.',
      does_not_start:
        'It does not start on this computer: a driver or a library that it needs is missing. The log says which.',
      no_nvidia_gpu: 'This computer has no NVIDIA GPU.',
      no_gpu: 'This computer has no GPU.',
    } satisfies Record<BackendProblem['code'], string>,
    fetch: (size: string | null): string =>
      `Downloaded from the npm registry and checked against its hash${size === null ? '' : ` (${size})`}.`,
    useless: (size: string | null): string => `Installing it${size === null ? '' : ` (${size})`} would not help yet.`,
  },
  folder: {
    changed: 'The models folder was changed.',
    changedText: 'Models in the old folder stay there.',
    temporary: 'This folder is temporary: its files are deleted when Hearth ends.',
    chooseAnother: 'Choose another folder…',
    label: 'Models folder',
    kind: folderKind,
    free: (size: string): string => `${size} free`,
    /** The folder itself names the variable that set it. */
    fixedBy: (variable: string): string => `Start Hearth without ${variable} to choose a folder here.`,
  },
  fixedBy: (variable: string): string =>
    `Set by the environment variable ${variable}. Start Hearth without it to choose here.`,
  folders: {
    none: 'No other folders.',
    list: 'Other model folders',
    remove: (name: string): string => `Remove ${name}`,
    removeHint: 'Its files stay where they are',
    add: 'Add a folder…',
    pickerTitle: 'Add a model folder',
    pickerText: 'GGUF files in it and in its subfolders are used in place.',
    files: (count: number): string =>
      count === 0 ? '' : plural(count, { one: '# GGUF file here', other: '# GGUF files here' }),
    use: 'Use this folder',
    home: 'Back to the home folder',
    subfolders: 'Folders',
    above: 'Parent folder',
  },
  downloads: {
    parallel: 'Parallel downloads',
    speed: 'Limit the speed',
    speedHint: 'All downloads together, so that other programs keep their bandwidth.',
    cache: 'Limit the cache',
  },
  token: {
    sources: {
      none: { badge: 'No token', text: 'Search and public models work without one.' },
      settings: { badge: 'Saved', text: 'Stored encrypted where the system allows it, and never shown again.' },
      environment: { badge: 'From the environment', text: 'The environment variable HF_TOKEN is set.' },
      file: { badge: 'From this computer', text: 'Another Hugging Face program signed in on this computer.' },
    },
    /** Before the name of a gated model, and after it. */
    neededFor: 'Needed for',
    opensAgain: ', which opens again once the token is saved.',
    wrong: 'A token such as hf_… has at least 8 characters and no spaces.',
    refused:
      'The Hub does not accept this token: it is mistyped, expired or deleted. Copy it again, or create another one.',
    saved: 'The token was saved.',
    owner: (name: string): string => `It belongs to ${name}.`,
    unchecked: (why: string): string => `It was not checked. ${why}.`,
    forgotten: 'The token was removed.',
    label: 'Token',
    labelNew: 'New token',
    placeholder: 'hf_…',
    placeholderNew: 'Paste another token to replace it',
    forget: 'Remove…',
    create: 'Create a token on the Hub',
    createHint: '(read access is enough)',
    askTitle: 'Remove the Hub token?',
    askText: 'Hearth cannot restore it. The token stays valid on the Hub until you delete it there.',
    keep: 'Keep it',
    forgetNow: 'Remove the token',
  },
  network: {
    mirror: 'Mirror',
    mirrorHint: 'Another address of the Hub. Empty: huggingface.co.',
    proxy: 'Proxy',
    proxyHint: 'The password is stored as a secret and not shown again. Hosts in NO_PROXY are reached directly.',
    saved: (name: string): string => `${name} saved`,
    cleared: (name: string): string => `${name} removed`,
    saveNamed: { hubEndpoint: 'Save mirror', proxy: 'Save proxy' },
    certificates: 'Certificates',
    certificatesInUse: ({ count, names }: ShownCertificates): string => {
      const counted = plural(count, { one: '# certificate', other: '# certificates' });
      return names.length === 0 ? counted : `${counted}: ${names.join(', ')}`;
    },
    certificatesSystem: 'The system’s certificates. Networks that inspect traffic need their own as well.',
    addCertificates: 'Add…',
    replaceCertificates: 'Replace…',
    forgetCertificates: 'Remove',
    pem: 'Certificates (PEM)',
    saveCertificates: 'Save certificates',
    certificatesSaved: 'The certificates were saved',
    certificatesForgotten: 'The certificates were removed',
    badScheme: 'An address begins with http:// or https://.',
    badAddress: 'This is not a valid address.',
  },
  about: {
    hearth: 'Hearth',
    version: (version: string, isDesktop: boolean): string =>
      `${version}, ${isDesktop ? 'desktop app' : 'in a browser'}`,
    computer: 'Computer',
    processor: 'Processor',
    processorText: (model: string, cores: number): string =>
      `${model}, ${plural(cores, { one: '# core', other: '# cores' })}`,
    node: 'Node',
    dataFolder: 'Data folder',
    log: 'Log folder',
    telemetry: 'Telemetry',
    noTelemetry: 'None. Hearth sends nothing about you or your computer.',
    hub: 'Hub',
    hubOffline: (address: string): string => `${address} (offline mode)`,
    engine: (name: string): string => `Engine: ${name}`,
    loading: 'loading',
    failed: 'failed',
    threads: (threads: number): string => plural(threads, { one: '# thread', other: '# threads' }),
    layers: (onGpu: number, all: number): string =>
      `${formatInteger(onGpu)} of ${plural(all, { one: '# layer', other: '# layers' })} on the GPU`,
    context: (size: number, trained: number): string =>
      `context size ${formatInteger(size)} of ${plural(trained, { one: '# token', other: '# tokens' })}`,
    loadTime: (time: string): string => `loaded in ${time}`,
    copy: 'Copy for a report',
  },
  log: {
    /** In a browser, which shows the log in the page. */
    show: 'Show the log',
    /** In the desktop app, which opens the log in the system's file manager. */
    showFile: 'Show the log file',
    title: 'Log',
    text: 'What Hearth did lately, and what went wrong. It holds no text of a chat and no access tokens.',
    lines: 'Log lines',
    copy: 'Copy',
    empty: 'Nothing has been written yet.',
  },
};
