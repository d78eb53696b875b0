import { Info, RotateCw, Unplug, X } from 'lucide-react';
import { useState } from 'react';
import { link, useConnection, useNeedsAddress } from '../connection/api.ts';
import { useQuery } from '../connection/live.ts';
import { Button } from '../ui/controls/Button.tsx';
import { IconButton } from '../ui/controls/IconButton.tsx';
import { recall, remember } from '../navigation/memory.ts';
import { words } from '../words/words.ts';

/** Messages for the whole window: a lost connection, and warnings of main. */
export function Banners() {
  const connection = useConnection();
  const needsAddress = useNeedsAddress();
  const info = useQuery('system.info', {}, { keep: true });
  const [seen, setSeen] = useState(() => recall('seen-warnings'));
  const warnings = (info.value?.warnings ?? []).map(words.frame.startWarning);
  const said = warnings.join('\n');
  return (
    <div role="status" className="banners">
      {connection === 'lost' ? (
        <div className="banner banner-amber">
          <Unplug size={15} aria-hidden="true" />
          <span>{needsAddress ? words.frame.needsAddress : words.frame.connectionLost}</span>
          <Button size="sm" icon={RotateCw} onClick={link.retryNow}>
            {words.frame.reconnect}
          </Button>
        </div>
      ) : null}
      {warnings.length > 0 && seen !== said ? (
        <div className="banner">
          <Info size={15} aria-hidden="true" />
          <span>
            {warnings.map((warning) => (
              <span key={warning} className="banner-line">
                {warning}
              </span>
            ))}
          </span>
          <IconButton
            label={words.frame.dismiss}
            icon={X}
            size="sm"
            onClick={() => {
              remember('seen-warnings', said);
              setSeen(said);
            }}
          />
        </div>
      ) : null}
    </div>
  );
}
