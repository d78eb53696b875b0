/** Why one model of the Hub is recommended for this computer, with its download. */
import { Download, Sparkles } from 'lucide-react';
import type { HubFile, RecommendedModel } from '../../../preload/contract/hub.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { formatBytes } from '../../words/format.ts';
import { licenseName } from '../../parts/models/model-words.ts';
import { words } from '../../words/words.ts';
import './pick.css';

interface RecommendedNoteProps {
  readonly pick: RecommendedModel;
  /** The file to download; null where it is here or on its way, or where the Hub does not answer. */
  readonly file: HubFile | null;
  readonly starting: boolean;
  readonly onDownload: (file: HubFile) => void;
}

export function RecommendedNote({ pick, file, starting, onDownload }: RecommendedNoteProps): React.JSX.Element {
  return (
    <section className="models-pick" aria-label={words.discover.pick.title}>
      <Sparkles size={16} aria-hidden />
      <div>
        <h3>{words.discover.pick.title}</h3>
        <p>{words.discover.pick.why(pick)}</p>
        {pick.source === 'list' && (
          <p className="secondary">
            {words.discover.pick.offline(
              formatBytes(pick.sizeBytes),
              pick.quantization ?? words.discover.quantizationUnknown,
              licenseName(pick.license),
            )}
          </p>
        )}
        {file && (
          <div className="row">
            <Button variant="primary" icon={Download} loading={starting} onClick={() => onDownload(file)}>
              {words.discover.pick.download(formatBytes(file.sizeBytes))}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
