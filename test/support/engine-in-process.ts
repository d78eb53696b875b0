/** The engine child's modules in the process of the test, where models and threads can be inspected. */
import path from 'node:path';
import type { Llama, LlamaModel } from 'node-llama-cpp';
import { loadEngine, type LoadedEngine } from '../../main/engine/child/load-engine.ts';
import { createTemplateHost, createTemplateHosts } from '../../main/chat-format/template/template-host.ts';
import { startLlama } from '../../main/engine/child/start-llama.ts';
import type { LoadRequest } from '../../main/engine/protocol.ts';
import { root } from './engine-child.ts';

export interface InProcess {
  readonly llama: Llama;
  /** All models that were loaded, in order. */
  readonly models: readonly LlamaModel[];
  /** Templates whose thread may run. */
  readonly openTemplates: () => number;
  /** `onModel` is called before each model is loaded. */
  load(
    modelPath: string,
    settings?: Partial<LoadRequest>,
    signal?: AbortSignal,
    onModel?: (modelPath: string) => void,
  ): Promise<LoadedEngine>;
}

const workerFile = new URL(`file://${path.join(root, 'main/chat-format/template/template-worker.ts')}`);

/** Starts llama.cpp on the processor. */
export async function startInProcess(): Promise<InProcess> {
  const llama = await startLlama(() => {});
  const models: LlamaModel[] = [];
  let openTemplates = 0;
  const recorded = (onModel: (modelPath: string) => void): Llama => {
    const loadModel: Llama['loadModel'] = async (options) => {
      onModel(options.modelPath);
      const model = await llama.loadModel(options);
      models.push(model);
      return model;
    };
    return new Proxy(llama, {
      get: (target, key) => (key === 'loadModel' ? loadModel : (Reflect.get(target, key, target) as unknown)),
    });
  };
  return {
    llama,
    models,
    openTemplates: () => openTemplates,
    load: (modelPath, settings, signal = new AbortController().signal, onModel = () => {}) =>
      loadEngine({
        llama: recorded(onModel),
        request: {
          ...{ modelPath, contextSize: 512, sequences: 1, gpuLayers: 0, kvCacheType: 'F16', flashAttention: 'auto' },
          ...{ batchSize: 512, decodeThreads: 1, promptThreads: 1, mmap: true, mlock: false },
          ...{ speculation: { kind: 'off' }, loras: [], scratchFolder: null },
          ...settings,
        },
        signal,
        openTemplate(source) {
          const host = createTemplateHost(source, workerFile);
          openTemplates++;
          let isOpen = true;
          return {
            ...host,
            async close() {
              await host.close();
              if (isOpen) openTemplates--;
              isOpen = false;
            },
          };
        },
        openTemplates: (special) => createTemplateHosts(special, workerFile),
        onProgress: () => {},
      }),
  };
}
