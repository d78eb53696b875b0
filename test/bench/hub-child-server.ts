/**
 * A Hub for benches, in a process of its own. Arguments: bytes of the file, bytes per second of a connection (0: no
 * limit), and `sparse` for a file of zeros. Prints the file's address and facts as JSON.
 */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { contentSha256, diskContent, generatedContent } from '../hub-server/content.ts';
import { startHub } from '../hub-server/hub-server.ts';

const [sizeText = '', rateText = '', kind = ''] = process.argv.slice(2);
const sizeBytes = Number(sizeText);
const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-hub-'));
process.once('SIGTERM', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
const sparse = path.join(folder, 'sparse');
writeFileSync(sparse, '');
truncateSync(sparse, sizeBytes);
const content = kind === 'sparse' ? await diskContent(sparse) : generatedContent(sizeBytes, 7);
const repoId = 'bench/Model-GGUF';
const file = 'model-Q4_K_M.gguf';
const hub = await startHub({
  repos: [{ id: repoId, files: { [file]: content } }],
  ...(Number(rateText) > 0 ? { bytesPerSecond: Number(rateText) } : {}),
});
const sha256 = await contentSha256(content);
const commit = await hub.mainCommitId(repoId);
console.log(JSON.stringify({ endpoint: hub.url, repoId, path: file, commit, sizeBytes, sha256, gitOid: '' }));
