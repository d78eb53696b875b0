/** The route table: the whole interface between main and a window or a program. */
import { chatOrderRoutes } from './chat-order.ts';
import { chatRoutes } from './chat.ts';
import { chatQueueRoutes } from './chat-queue.ts';
import { chatTreeRoutes } from './chat-tree.ts';
import { composerRoutes } from './composer.ts';
import { convertRoutes } from './convert.ts';
import { engineRoutes } from './engine.ts';
import { exchangeRoutes } from './exchange.ts';
import { hubRoutes } from './hub.ts';
import { inferenceRoutes } from './inference.ts';
import { jobsRoutes } from './jobs.ts';
import { libraryRoutes } from './library.ts';
import { memoryRoutes } from './memory.ts';
import { notebookRoutes } from './notebook.ts';
import { personasRoutes } from './personas.ts';
import { promptsRoutes } from './prompts.ts';
import { providersRoutes } from './providers.ts';
import type { Client, Handlers } from '../wire/rpc.ts';
import { serverRoutes } from './server.ts';
import { settingsRoutes } from './settings.ts';
import { systemRoutes } from './system.ts';
import { templateRoutes } from './template.ts';

export const contract = {
  ...systemRoutes,
  ...settingsRoutes,
  ...hubRoutes,
  ...jobsRoutes,
  ...libraryRoutes,
  ...templateRoutes,
  ...engineRoutes,
  ...inferenceRoutes,
  ...convertRoutes,
  ...chatRoutes,
  ...memoryRoutes,
  ...chatTreeRoutes,
  ...chatOrderRoutes,
  ...notebookRoutes,
  ...personasRoutes,
  ...exchangeRoutes,
  ...composerRoutes,
  ...promptsRoutes,
  ...chatQueueRoutes,
  ...serverRoutes,
  ...providersRoutes,
};

export type HearthContract = typeof contract;
export type HearthHandlers = Handlers<HearthContract>;
export type HearthClient = Client<HearthContract>;
