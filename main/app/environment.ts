/** The environment variables: Hearth's own, and those of the Hugging Face tools that it honors. */
import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { logLevels, type LogLevel } from '../base/log.ts';
import type { StartWarning } from '../../preload/contract/system.ts';
import type { FixedNetwork, FixedValue } from '../settings/settings.ts';

export interface Environment {
  readonly dataFolder: string;
  /** The cache folder that a variable fixes, and its name. */
  readonly cacheFolder: { readonly path: string; readonly variable: string } | null;
  /** The default cache folder of the Hugging Face tools. */
  readonly defaultCacheFolder: string;
  readonly hubEndpoint: string;
  /** The network values that variables fix in place of settings, with the names of the variables. */
  readonly network: FixedNetwork;
  readonly hubToken: string | null;
  /** The token file of the Hugging Face command line; null where HF_HUB_DISABLE_IMPLICIT_TOKEN says that it counts for nothing. */
  readonly hubTokenFile: string | null;
  /** The variable that keeps Hearth offline; null when requests may be made. */
  readonly offlineBy: string | null;
  /** How long the Hub may take to begin an answer, and a download may stand still; null for Hearth's own limits. */
  readonly hubResponseMs: number | null;
  readonly hubStallMs: number | null;
  /** False where HF_HUB_DISABLE_SYMLINKS keeps links out of the cache. */
  readonly withLinks: boolean;
  /** Use a temporary cache folder and remove it at the end. */
  readonly temporaryCache: boolean;
  readonly logLevel: LogLevel;
  /** The port for a debugger of engine children, for development. */
  readonly inspectChildPort: number | null;
  /** The home folder and the variables by which other programs' model folders are found. */
  readonly programs: {
    readonly home: string;
    readonly platform: NodeJS.Platform;
    readonly env: Readonly<Record<string, string | undefined>>;
  };
  readonly warnings: readonly StartWarning[];
}

const known = new Set([
  'HEARTH_DATA_DIR',
  'HEARTH_CACHE_DIR',
  'HEARTH_OFFLINE',
  'HEARTH_NO_CACHE',
  'HEARTH_LOG_LEVEL',
  'HEARTH_INSPECT_CHILD',
]);
const DEFAULT_ENDPOINT = 'https://huggingface.co';

/** The value where it is the absolute path of a folder, of Windows or of other systems. */
const absolute = (value: string | undefined): string | null =>
  value !== undefined && (path.posix.isAbsolute(value) || path.win32.isAbsolute(value)) ? value : null;

/** The default data folder. An empty variable counts as unset, and so does a relative path, as the XDG rules say. */
function folderOf(platform: NodeJS.Platform, home: string, env: NodeJS.ProcessEnv): string {
  switch (platform) {
    case 'darwin':
      return path.join(home, 'Library/Application Support/Hearth');
    case 'win32':
      return path.join(absolute(env['APPDATA']) ?? path.join(home, 'AppData/Roaming'), 'Hearth');
    default:
      return path.join(absolute(env['XDG_DATA_HOME']) ?? path.join(home, '.local/share'), 'hearth');
  }
}

/**
 * Reads the variables. Never throws: an unusable value becomes a warning with the variable's name.
 * HEARTH_CACHE_DIR has precedence over HF_HUB_CACHE, and that over HF_HOME.
 */
export function readEnvironment(
  env: NodeJS.ProcessEnv = process.env,
  home: string = os.homedir(),
  platform: NodeJS.Platform = process.platform,
): Environment {
  const warnings: StartWarning[] = [];
  const value = (name: string): string | null => {
    const text = env[name]?.trim();
    return text === undefined || text === '' ? null : text;
  };
  const flag = (name: string): boolean => {
    const text = value(name)?.toLowerCase() ?? '0';
    if (['1', 'true', 'yes', 'on'].includes(text)) return true;
    if (!['0', 'false', 'no', 'off'].includes(text))
      warnings.push({ code: 'not_a_switch', variable: name, value: text });
    return false;
  };
  /** A switch of the Hugging Face tools: any other value means no, without a warning. */
  const huggingFaceFlag = (name: string): boolean => /^(?:1|on|yes|true)$/i.test(env[name] ?? '');
  /** Whole seconds in milliseconds, as the Hugging Face tools read them; 0 counts as unset there. */
  const seconds = (name: string): number | null => {
    const text = value(name);
    if (text === null || /^0+$/.test(text)) return null;
    if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
    warnings.push({ code: 'not_seconds', variable: name, value: text });
    return null;
  };
  /** As Python's expanduser and expandvars: variables in the text, and `~` at its beginning. */
  const expanded = (text: string): string => {
    const full = text.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (all, bare?: string, braced?: string) => {
      return env[bare ?? braced ?? ''] ?? all;
    });
    return path.resolve(/^~(?:[/\\]|$)/.test(full) ? path.join(home, full.slice(1)) : full);
  };
  const folder = (name: string): string | null => {
    const text = value(name);
    return text === null ? null : expanded(text);
  };
  /** As huggingface_hub cleans a token: without line breaks and the white space around it. */
  const token = (name: string): string | null => {
    const text = env[name]?.replace(/[\r\n]/g, '').trim() ?? '';
    return text === '' ? null : text;
  };

  for (const name of Object.keys(env))
    if (name.startsWith('HEARTH_') && !known.has(name))
      warnings.push({ code: 'unknown_variable', variable: name, known: [...known] });

  /** The first of the variables with a web address. Others get a warning and are ignored. */
  const address = (...names: readonly string[]): FixedValue | null => {
    for (const variable of names) {
      const text = value(variable);
      if (text === null) continue;
      // Other programs accept a proxy without http://, so such values are common.
      const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || variable === 'HF_ENDPOINT' ? text : `http://${text}`;
      if (/^https?:$/.test(URL.parse(full)?.protocol ?? ''))
        return { variable, value: new URL(full).href.replace(/\/+$/, '') };
      warnings.push({ code: 'not_a_web_address', variable });
    }
    return null;
  };
  /** Hearth's own variable decides where it is set, in either direction. */
  const offlineVariable = (): string | null => {
    if (value('HEARTH_OFFLINE') !== null) return flag('HEARTH_OFFLINE') ? 'HEARTH_OFFLINE' : null;
    const named = ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].find((name) => (env[name] ?? '') !== '');
    return named !== undefined && huggingFaceFlag(named) ? named : null;
  };
  const wantedLevel = value('HEARTH_LOG_LEVEL')?.toLowerCase() ?? 'info';
  const logLevel = logLevels.find((level) => level === wantedLevel);
  if (logLevel === undefined)
    warnings.push({ code: 'unknown_log_level', variable: 'HEARTH_LOG_LEVEL', value: wantedLevel, known: logLevels });
  const portText = value('HEARTH_INSPECT_CHILD');
  const isPort = portText !== null && /^\d{1,5}$/.test(portText) && Number(portText) > 0 && Number(portText) < 65_536;
  if (portText !== null && !isPort)
    warnings.push({ code: 'not_a_port', variable: 'HEARTH_INSPECT_CHILD', value: portText });
  const inspectChildPort = isPort ? Number(portText) : null;
  const endpoint = address('HF_ENDPOINT');
  const proxyForAll = address('all_proxy', 'ALL_PROXY');
  const certificates = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE'].flatMap((variable) => {
    const file = folder(variable);
    if (file === null) return [];
    if (isReadable(file)) return [{ variable, value: file }];
    warnings.push({ code: 'unreadable_file', variable });
    return [];
  });

  const hfHome = folder('HF_HOME') ?? path.join(folder('XDG_CACHE_HOME') ?? path.join(home, '.cache'), 'huggingface');
  const candidates: readonly (readonly [string, string | null])[] = [
    ['HEARTH_CACHE_DIR', folder('HEARTH_CACHE_DIR')],
    ['HF_HUB_CACHE', folder('HF_HUB_CACHE')],
    // The older name, which Python's library still reads.
    ['HUGGINGFACE_HUB_CACHE', folder('HUGGINGFACE_HUB_CACHE')],
    ['HF_HOME', folder('HF_HOME') && path.join(hfHome, 'hub')],
  ];
  const fixed = candidates.find(([, found]) => found !== null);
  // As in huggingface_hub: only a token that was given to the program itself is sent, which is here the one in its settings.
  const isImplicit = !huggingFaceFlag('HF_HUB_DISABLE_IMPLICIT_TOKEN');
  return {
    dataFolder: folder('HEARTH_DATA_DIR') ?? folderOf(platform, home, env),
    cacheFolder: fixed?.[1] ? { variable: fixed[0], path: fixed[1] } : null,
    defaultCacheFolder: path.join(hfHome, 'hub'),
    hubEndpoint: endpoint?.value ?? DEFAULT_ENDPOINT,
    network: {
      hubEndpoint: endpoint,
      // The same order as in curl and Python: lower case first, then the variable for all protocols.
      proxy: address('https_proxy', 'HTTPS_PROXY') ?? proxyForAll,
      httpProxy: address('http_proxy', 'HTTP_PROXY') ?? proxyForAll,
      noProxy: value('no_proxy') ?? value('NO_PROXY'),
      certificatesFile: certificates[0] ?? null,
    },
    hubToken: isImplicit ? (token('HF_TOKEN') ?? token('HUGGING_FACE_HUB_TOKEN')) : null,
    hubTokenFile: isImplicit ? (folder('HF_TOKEN_PATH') ?? path.join(hfHome, 'token')) : null,
    offlineBy: offlineVariable(),
    hubResponseMs: seconds('HF_HUB_ETAG_TIMEOUT'),
    hubStallMs: seconds('HF_HUB_DOWNLOAD_TIMEOUT'),
    withLinks: !huggingFaceFlag('HF_HUB_DISABLE_SYMLINKS'),
    temporaryCache: flag('HEARTH_NO_CACHE'),
    logLevel: logLevel ?? 'info',
    inspectChildPort,
    programs: { home, platform, env },
    warnings,
  };
}

/** A warning in English for standard error. The page words it by its code. */
export function warningText(warning: StartWarning): string {
  const { variable } = warning;
  switch (warning.code) {
    case 'unknown_variable':
      return `${variable} is set, but Hearth knows no such variable. Known: ${warning.known.join(', ')}.`;
    case 'not_a_switch':
      return `${variable} is "${warning.value}"; 1 or 0 is expected. It is taken as 0.`;
    case 'unknown_log_level':
      return `${variable} is "${warning.value}"; ${warning.known.join(', ')} are expected. It is taken as info.`;
    case 'not_a_port':
      return `${variable} is "${warning.value}", which is not a port.`;
    case 'not_seconds':
      return `${variable} is "${warning.value}"; whole seconds are expected. It is not used.`;
    case 'not_a_web_address':
      return `${variable} is not a web address and is not used.`;
    case 'unreadable_file':
      return `${variable} names a file that cannot be read and is not used.`;
    default:
      return warning satisfies never;
  }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
