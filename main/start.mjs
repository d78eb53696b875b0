// `npm start` and `npm run serve`: start.ts from its build.
import { loadEntry } from './entry.mjs';

await loadEntry('start');
