/**
 * The words for each error of the contract's closed table, by its code and facts. A code without words does not
 * compile.
 */
import type { ErrorCode } from '../../../preload/wire/errors.ts';
import { formatDuration, formatInteger, plural } from '../format.ts';
import { convertErrors } from './convert-errors.ts';
import { exchangeErrors } from './exchange-errors.ts';
import { atField, isNumber, roomWords, size, text, type ErrorWords } from './error-facts.ts';
import { hubErrors } from './hub-errors.ts';
import { notebookErrors } from './notebook.ts';
import { personaReasons } from './personas.ts';
import { promptReasons } from './prompts.ts';
import { serverErrors } from './server-errors.ts';
import { remoteErrors, remoteReasons } from './remote-errors.ts';

const byCode: Readonly<Record<ErrorCode, ErrorWords>> = {
  invalid_input: {
    title: 'That value does not work here',
    text: ({ field }) =>
      typeof field === 'string' && field !== '' ? `The value of “${field}” is not valid.` : 'A value is not valid.',
    reasons: {
      other_chat: 'That message belongs to another chat.',
      not_a_reply: 'That message is not a reply.',
      queue_full: 'Fifty messages wait already. Send or remove some of them first.',
      calls_tools: 'A reply that calls tools cannot be edited.',
      not_cut: 'This reply was not cut, or it cannot go on.',
      too_many_folders: ({ most }) => `There can be ${formatInteger(Number(most))} folders. Delete one first.`,
      too_many_tags: ({ most, name }) =>
        `A chat can have ${formatInteger(Number(most))} tags, and “${text(name, '')}” would have more. Nothing was changed.`,
      not_own_message: 'Only your own messages can be edited.',
      empty_prompt: 'The prompt is empty, so there is nothing to continue.',
      not_gguf: 'This is not a GGUF file.',
      name_taken: 'A file of this name is already here. Delete it first.',
      size_unknown: 'The size of the file is missing or not valid.',
      size_differs: 'The file is longer than announced.',
      no_body: 'The window did not hand over the file. Choose it with “Add files”, or add its folder in Settings.',
      incomplete: 'The file did not arrive completely. Try again.',
      folder_denied: 'Hearth cannot read that folder. Choose another one, or change its permissions.',
      too_many_keys: 'Keys can be chosen for 300 commands. Reset some first.',
      is_models_folder: 'That is the models folder itself; its models are already listed.',
      proxy_password: 'Enter the proxy’s password again: it was stored for the old address only.',
      private_key: 'This contains a private key. Paste the certificates only.',
      no_certificate: 'This contains no certificate. A certificate begins with -----BEGIN CERTIFICATE-----.',
      bad_certificate: ({ place, count }) =>
        `Certificate ${formatInteger(Number(place))} of ${formatInteger(Number(count))} cannot be read.`,
      grammar: 'The grammar could not be used.',
      grammar_too_deep: ({ rule, limit }) =>
        `The rule “${text(rule, '')}” of the grammar is nested more than ${formatInteger(Number(limit))} deep. Write it with fewer levels.`,
      grammar_too_large: ({ rule, limit }) =>
        `With its repetitions written out, the grammar has more than ${formatInteger(Number(limit))} elements, the last of them in the rule “${text(rule, '')}”. Repeat less.`,
      grammar_too_ambiguous: ({ limit }) =>
        `The grammar lets a text go on in more than ${formatInteger(Number(limit))} ways at one place. Write it so that fewer rules allow the same text.`,
      grammar_character: ({ rule, character }) =>
        `The rule “${text(rule, '')}” of the grammar asks for ${text(character, '')}, which no text contains.`,
      grammar_token: ({ rule }) =>
        `The rule “${text(rule, '')}” of the grammar names a token of the vocabulary. Write its text in quotes.`,
      grammar_repetition: ({ rule, least, most }) =>
        `The rule “${text(rule, '')}” of the grammar repeats something at least ${formatInteger(Number(least))} and at most ${formatInteger(Number(most))} times.`,
      grammar_no_token:
        'At this place the grammar allows no text that this model can write. What it wrote before is kept.',
      grammar_left_recursion: ({ rule }) => `The rule “${text(rule, '')}” of the grammar begins with itself.`,
      schema: 'The JSON schema could not be used.',
      schema_keyword: ({ keyword, place }) =>
        `A reply cannot be held to “${text(keyword, '')}” of the JSON schema${text(place, '') === '' ? '' : ` (${text(place, '')})`}. Change or remove it.`,
      grammar_and_tools: 'A reply can follow a grammar or call a tool, not both.',
      tools: 'The tools could not be used.',
      too_many_files: ({ count, max }) =>
        `The model would become ${plural(Number(count), { one: '# file', other: '# files' })}, more than the ${formatInteger(Number(max))} that are written at most. Choose larger files.`,
      output_exists: 'A model of this name was made already. Delete it first, or choose another type.',
      too_long: 'There is no room in the file for the result of the verification.',
      not_json: ({ line, column }) =>
        `Not valid JSON: see line ${formatInteger(Number(line))}, column ${formatInteger(Number(column))}.`,
      json_too_deep: 'It is nested too deeply.',
      nothing_to_summarize: 'There is nothing to summarize yet: the newest exchanges are always told to the model.',
      not_a_time: 'A time is written such as 2026-01-31T12:00:00.',
      ...notebookErrors.invalid_input,
      ...serverErrors.invalid_input,
      ...exchangeErrors.invalid_input,
      empty_text: 'One of the texts is empty, and an empty text has no vector. Leave it out.',
      ...remoteReasons.invalid_input,
      ...personaReasons,
      ...promptReasons,
    },
  },
  not_found: {
    title: 'It is no longer here',
    text: 'It may have been deleted in the meantime.',
    reasons: {
      no_chat_template: {
        title: 'This model has no chat template',
        text: 'Its file has none: the model continues your text instead of answering it.',
      },
      not_queued: {
        title: 'This message no longer waits',
        text: 'It was sent or removed meanwhile, perhaps in another window.',
      },
      nothing_to_verify: { title: 'There is nothing to verify', text: 'No model has been downloaded yet.' },
      ...notebookErrors.not_found,
      ...serverErrors.not_found,
      ...exchangeErrors.not_found,
    },
  },
  unsupported: {
    title: 'This is not possible here',
    text: ({ setting }) =>
      setting === 'kvCacheType'
        ? 'This model’s KV cache does not support that memory type.'
        : 'Hearth cannot do this on this computer or with this model.',
    reasons: {
      fixed_by: ({ variable }) =>
        `The environment variable ${text(variable, '')} sets this. Start Hearth without it to choose here.`,
      not_gguf: ({ fileName }) =>
        `${text(fileName, 'This file')} is not a GGUF file. Hearth runs models in this format.`,
      desktop_only: 'Only the desktop app can open files and folders of this computer.',
      has_dialog: 'The desktop app has a folder dialog for this.',
      last_session: 'This job ended with the last session. Start it again where you began it.',
      built_in: 'The built-in model comes with Hearth and takes almost no space. It stays.',
      in_user_folder: 'This file is in one of your own folders. Hearth uses it there and never deletes it.',
      other_program: ({ program }) =>
        `This model belongs to ${text(program, 'another program')}. Hearth uses it in place and never deletes it.`,
      same_folder: 'The models are already in that folder.',
      nested_folder: 'One of the two folders is inside the other. Choose a folder beside it.',
      folder_changed: 'The models folder has changed since. Cancel this move.',
      linked_folder:
        'The folder of this model is a link to another place. Hearth uses its files and deletes none of them.',
      too_large_to_measure: 'This model is too large to be measured within seconds. It uses all cores.',
      nothing_to_measure: 'The speed of this model cannot be measured. It keeps the threads that it has.',
      no_backends: 'There are no GPU libraries to install here.',
      backend: 'llama.cpp has no such package for this computer.',
      attachments: ({ name }) => `Hearth cannot read attachments yet: ${text(name, '')}.`,
      modality: ({ name }) => `This model cannot read ${text(name, 'this file')}.`,
      release: ({ release }) =>
        `This version of Hearth cannot quantize with the installed llama.cpp libraries${typeof release === 'string' ? ` (release ${release})` : ''}. Install Hearth again, with the libraries that belong to it.`,
      layout:
        'The installed llama.cpp libraries are arranged otherwise than those that Hearth knows. Install Hearth again, with the libraries that belong to it.',
      library_missing: 'The llama.cpp libraries are missing or incomplete. Install Hearth again.',
      platform: 'There are no llama.cpp libraries for this kind of computer.',
      no_summary: 'The model wrote no summary. Try again, or choose another model for this chat.',
      no_room_for_summary: 'The context of this model is too small for a summary. Choose a larger context size.',
      not_there_yet: 'This version of Hearth cannot do this yet.',
      no_auxiliary_files: 'Adapters and draft models cannot be loaded here.',
      ...notebookErrors.unsupported,
      ...serverErrors.unsupported,
      ...remoteReasons.unsupported,
    },
  },
  cancelled: {
    title: 'Stopped',
    text: 'It was stopped before it was done.',
    reasons: { unloaded: 'The model was unloaded while it was being loaded.' },
  },
  busy: {
    title: 'Something else is in progress',
    text: 'Wait until it is done, then try again.',
    reasons: {
      key_revoked: 'The key opens nothing any more. It is stored as soon as the database is free.',
      summary_running: 'This conversation is being summarized.',
      reply_running: 'A reply is being written in this chat. Stop it, or wait until it is done.',
      queue_full: ({ waiting }) =>
        isNumber(waiting)
          ? `${plural(waiting, { one: '# request is', other: '# requests are' })} already waiting for this model. Try again later.`
          : 'Too many requests are waiting for this model. Try again later.',
      preempted: 'The reply made way for another one and cannot continue. Try again.',
      stop_unanswered: {
        title: 'The model did not stop in time',
        text: 'It has not answered for seconds. Hearth ends it when it stays silent. What was written is kept.',
      },
      model_writing: 'The model is writing. Try again when it is done.',
      memory_in_use: 'Another model is in use, and there is not enough memory for both. Try again when it is done.',
      output_in_use: 'The same conversion is under way already. Downloads shows how far it is.',
      conversion_active: 'The same conversion is under way already. Downloads shows how far it is.',
      job_active: 'The job is still active. Cancel it first.',
      download_active: 'A download is active. Let it finish or cancel it, then move the models.',
      downloading: 'Files of this model are being downloaded. Cancel the download first.',
      moving: 'The models are being moved. Wait until that is done.',
      move_active: 'A move has not finished. Let it continue or cancel it, then start another one.',
      model_in_use: 'The model is in use. Stop its replies first, or unload it.',
      models_loaded: 'A model in this folder is loaded. Unload it first.',
      database: 'The database is busy. Try again.',
      open_files: {
        title: 'Too many files are open',
        text: 'This computer lets Hearth open no more files at once. Close other programs, then try again.',
      },
      too_many_requests: 'This page has too many open requests. Try again.',
      ...serverErrors.busy,
      ...remoteReasons.busy,
    },
  },
  internal: {
    title: 'Something broke in Hearth',
    text: 'This is a defect in Hearth. Trying again may help.',
  },
  unauthorized: {
    title: 'This page is not signed in',
    text: 'Open Hearth with the address that it printed when it started.',
    reasons: { ...serverErrors.unauthorized, ...remoteReasons.unauthorized },
  },
  disconnected: {
    title: 'No connection to Hearth',
    text: 'The app does not answer. The page reconnects by itself.',
  },
  ...hubErrors,
  ...remoteErrors,
  'cache.locked': {
    title: 'Another program is writing this file',
    text: 'Wait until it is done, or end the other download.',
  },
  'disk.full': {
    title: 'The disk is full',
    text: ({ neededBytes, freeBytes }) =>
      isNumber(neededBytes) && isNumber(freeBytes)
        ? `${size(neededBytes)} is needed and ${size(freeBytes)} is free. Delete models that you no longer use.`
        : 'Free some space, for instance by deleting models that you no longer use.',
    reasons: {
      database: 'Free some space. Hearth keeps unsaved changes in memory until then.',
      key_revoked:
        'The key opens nothing any more. Free some space before Hearth ends, or it is back at the next start.',
      moving: 'The new folder has too little space. The models are still in the old one.',
    },
  },
  'disk.denied': {
    title: 'Hearth cannot write there',
    text: 'The folder does not allow it. Choose another folder, or change its permissions.',
    reasons: {
      data_folder: 'Hearth cannot write to its data folder. Change its permissions.',
      key_revoked:
        'The key opens nothing any more, but the data folder takes no changes. Mend that before Hearth ends, or it is back at the next start.',
      disk_failed: 'The disk with the data folder could not be read or written. It may be failing or disconnected.',
      file_too_large: 'This drive cannot hold a file of this size (FAT32 ends at 4\u00a0GB). Choose another folder.',
      chosen_folder_missing: ({ name }) =>
        `The folder “${text(name, 'that was chosen')}” is not there, or cannot be written to. Its drive may be disconnected.`,
      folder_missing: 'The models folder is missing. Its drive may be disconnected.',
      system: {
        title: 'The disk answers with an error',
        text: ({ detail }) =>
          `It may be failing or disconnected, or the path may be wrong. The system calls it ${text(detail, 'an error')}.`,
      },
      unreadable: {
        title: 'This file cannot be read',
        text: ({ detail }) =>
          `Its permissions may not allow it, or its drive may be failing (${text(detail, 'no reason is known')}). Mend that, then try again.`,
      },
      unreliable: 'The folder does not return what was written. Its disk may be failing.',
    },
  },
  'model.missing': {
    title: 'The model is no longer here',
    text: 'Its file was moved or deleted. Download it again, or choose another model.',
    reasons: {
      no_model: 'This chat has no model yet. Choose one.',
      ...remoteReasons.missing,
    },
  },
  'model.corrupt': {
    title: 'The model file is damaged',
    text: 'It is incomplete, or not a model. Download it again.',
    reasons: {
      hash: 'Its content differs from the file on the Hub. Download it again.',
      shards_missing: {
        title: 'Files of this model are missing',
        text: ({ missingShards, shardCount }) =>
          isNumber(missingShards) && isNumber(shardCount)
            ? `${formatInteger(missingShards)} of ${plural(shardCount, { one: '# file', other: '# files' })} ${plural(missingShards, { one: 'is', other: 'are' })} missing. Download it again.`
            : 'Some of its files are not here. Download it again.',
      },
      not_gguf: { title: 'This file is not a model', text: 'It is not a GGUF file.' },
      header: ({ field }) => `Its GGUF header is damaged${atField(field)}. Download it again.`,
      missing_key: ({ field }) =>
        `Its header lacks ${text(field, 'a value')}, without which it cannot be loaded. Download it again.`,
      missing_tensor: ({ field }) =>
        `It lacks the tensor ${text(field, 'of a layer')}, which its architecture needs. Download it again.`,
      wrong_size: ({ field }) => `Its header contradicts itself${atField(field)}. Download it again.`,
      no_architecture: 'Its GGUF header names no architecture.',
      shard_alone: {
        title: 'This is one file of several',
        text: ({ shardNumber, shardCount }) =>
          `${isNumber(shardNumber) && isNumber(shardCount) ? `It is file ${formatInteger(shardNumber)} of ${formatInteger(shardCount)} of a model` : 'It is one file of a model'}. Its folder lacks others of them, or has several such models whose names do not tell which files belong together. Put all files of one model into a folder of their own, or download the model again.`,
      },
      shards_pasted: {
        title: 'Several files were pasted into one',
        text: 'The files of a split model cannot be joined by pasting. Join them with llama-gguf-split --merge, or download the model again.',
      },
      split_stale: {
        title: 'Its header says that it is one file of several',
        text: 'It has the whole model, but the engine goes by the header and looks for the other files. Convert it again, or download another file.',
      },
      shards_mixed: {
        title: 'The files do not belong together',
        text: ({ name, tensor }) =>
          `${
            typeof tensor === 'string'
              ? `Two of them have the tensor ${tensor}.`
              : typeof name === 'string'
                ? `${name} is another file of a model than its name says.`
                : 'Together they do not have all tensors of the model.'
          } Download the model again.`,
      },
      changed: 'The file is shorter than its header says, or changed while it was read.',
    },
  },
  'model.unsupported': {
    title: 'This model cannot run yet',
    text: 'The engine does not support its architecture.',
    reasons: {
      big_endian: 'This GGUF file is big-endian. Only little-endian files can run.',
      gguf_version: 'This GGUF file has version 1, which llama.cpp no longer reads. Look for a newer conversion.',
      adapter: 'This file is an adapter (LoRA), not a model by itself. Choose it in the load settings of a model.',
      draft: 'This file only predicts tokens for another model. It is not a model by itself.',
      vocoder: 'This file is a vocoder, which makes sound of what a speech model writes. It is not a model by itself.',
      imatrix: 'This file is an importance matrix, with which models are quantized. There is nothing to run in it.',
      projector: 'This file is a projector, which lets a model see images or hear sound. It is not a model by itself.',
      no_links:
        'The engine does not find the files of this model by their names, and this system allows no links to them. Give them names that end in -00001-of-00002.gguf and so on.',
      vocabulary: ({ detail }) =>
        `The engine cannot read its vocabulary${typeof detail === 'string' ? ` (${detail})` : ''}.`,
      no_layers: 'This GGUF file has no layers, so there is nothing to run.',
      unknown_architecture: ({ architecture }) =>
        `The engine does not know its architecture${architecture ? `, ${text(architecture, '')}` : ''}. A newer version of Hearth may.`,
      header_too_long: ({ field }) => `The header of this file is longer than any model needs${atField(field)}.`,
      not_a_draft: ({ name }) =>
        `${text(name, 'The draft model')} is not a model and cannot draft tokens. Choose another one in the load settings.`,
      not_an_adapter: ({ name }) => `${text(name, 'A file')} is not an adapter. Remove it in the load settings.`,
      not_an_imatrix: ({ name }) => `${text(name, 'This file')} is not an importance matrix. Choose another one.`,
    },
  },
  'engine.out_of_memory': {
    title: 'Not enough memory for this model',
    text: ({ neededBytes }) =>
      `${isNumber(neededBytes) ? `It needs ${size(neededBytes)}. ` : ''}Close other programs, unload other models, or choose a smaller quantization.`,
    reasons: {
      other_models: 'The loaded models leave too little memory for it. Unload one, or choose a smaller quantization.',
    },
  },
  'engine.crashed': {
    title: 'The engine stopped unexpectedly',
    text: 'Your chats are safe. The model loads again when you try again.',
    reasons: {
      grammar_hang:
        'The engine took too long to find a token that the grammar allows, and was stopped. Simplify the grammar.',
      hang: 'The engine no longer answered and was stopped. The model loads again when you try again.',
      disconnected: 'The engine lost its connection and was stopped. The model loads again when you try again.',
      unloaded: {
        title: 'The model was unloaded',
        text: 'It was unloaded or reloaded while this reply was being written.',
      },
      SIGILL:
        'The engine used an instruction that this processor does not have. Another model or quantization may work.',
      SIGKILL: 'The system stopped the engine, most often because memory ran out. Your chats are safe.',
      SIGBUS: 'The engine could not read the model file. Its drive may be disconnected or failing.',
      SIGSEGV: 'The engine crashed. Your chats are safe. The model loads again when you try again.',
      SIGABRT: 'The engine stopped at an internal error. The model loads again when you try again.',
      SIGFPE: 'The engine made an invalid calculation and stopped. The model loads again when you try again.',
      gpu: 'The graphics card or its driver stopped working. Fewer GPU layers may help.',
    },
  },
  'engine.start_failed': {
    title: 'The engine does not start',
    text: 'If trying again does not help, reinstall Hearth.',
    reasons: {
      library_missing: 'A library that the engine needs is missing on this computer.',
      'no answer': 'The graphics driver did not answer.',
    },
  },
  'engine.not_loaded': { title: 'No model is loaded', text: 'Choose a model to continue.' },
  'engine.context_full': {
    title: 'The conversation is longer than the model can hold',
    text: (facts) =>
      `${roomWords(facts)}Leave out the oldest messages, start a new chat, or use a larger context size or another model.`,
    reasons: {
      message_too_long: {
        title: 'The message is longer than the model can hold',
        text: (facts) => `${roomWords(facts)}Shorten the message, or use a larger context size or another model.`,
      },
    },
  },
  'template.invalid': {
    title: 'This model’s chat template does not work',
    text: ({ detail, limitMs }) =>
      isNumber(limitMs)
        ? `It did not finish within ${formatDuration(limitMs)}.`
        : text(detail, '') === ''
          ? 'The template is missing or broken. A plain form may do; a base model only continues text.'
          : `It says “${text(detail, '')}”. A plain form may do.`,
  },
  ...convertErrors,
  'store.newer_schema': {
    title: 'This data is from a newer Hearth',
    text: 'Update Hearth to open it. Nothing was changed.',
  },
  'store.corrupt': {
    title: 'The database is damaged',
    text: 'Hearth could not read it. Start Hearth again: it then saves what can still be read.',
    reasons: {
      not_a_database: 'The file hearth.db is not a database, or its beginning is damaged. Put a copy in its place.',
      foreign: 'The file hearth.db was not written by Hearth, or is damaged. Put a copy in its place.',
      not_a_file: 'There is a folder in the place of the file hearth.db. Move it away.',
      empty: ({ copy }) => `The file hearth.db is empty. Put the copy ${String(copy)} in its place.`,
      migration: ({ backup }) =>
        typeof backup === 'string'
          ? `Hearth could not update it to the format of this version. The copy from before is ${backup} in the data folder.`
          : 'Hearth could not update it to the format of this version.',
    },
  },
  'store.in_use': {
    title: 'Hearth is already running',
    text: 'Another Hearth uses the same data folder. Close it first.',
  },
};

/** The network works, and trying again would not help. Not only the Hub is left alone: the npm registry is as well. */
const offlineByChoice: ErrorWords = {
  title: 'Offline mode is on',
  text: ({ variable }) =>
    `${text(variable, 'HEARTH_OFFLINE')} is set, so Hearth downloads nothing. Start Hearth without it to go online.`,
};

export const errors = {
  byCode,
  offlineByChoice,
  /** A title before more text. */
  asSentence: (title: string): string => `${title}.`,
  whatHappened: 'What happened',
  code: 'Code',
  yes: 'yes',
  no: 'no',
  /** Names of facts in the details. Other facts are named after their field. */
  facts: {
    neededBytes: 'Needed',
    freeBytes: 'Free',
    reason: 'Reason',
    repoId: 'Repository',
    path: 'File',
    status: 'Status',
    host: 'Host',
    proxy: 'Proxy',
    loginHost: 'Login page',
    variable: 'Variable',
    cause: 'Cause',
    field: 'Field',
    file: 'File',
    tensor: 'Tensor',
    expected: 'Expected',
    found: 'Found',
    key: 'Key',
    count: 'Problems',
  } as Record<string, string>,
};
