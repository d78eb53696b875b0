import { FolderOpen } from 'lucide-react';
import type { Settings } from '../../../preload/contract/settings.ts';
import { attempt } from '../../connection/attempt.ts';
import { useLive, useQuery } from '../../connection/live.ts';
import { href } from '../../navigation/router.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { CopyIconButton } from '../../ui/controls/CopyButton.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/** What Hearth keeps, where, and how large it is. A browser cannot open folders; there the paths can be copied. */
export function OnThisComputer({ settings, isDesktop }: { readonly settings: Settings; readonly isDesktop: boolean }) {
  const stored = useQuery('system.stored', {});
  const models = useLive('library.watchStorage', {}).value;
  if (stored.status === 'error') return <ErrorCard error={stored.error} onRetry={stored.retry} compact />;
  if (stored.value === undefined) return <Skeleton lines={5} />;
  return (
    <ul className="card settings-stored">
      {stored.value.places.map(({ name, path, bytes }) => {
        const place = words.stored.places[name];
        return (
          <li key={name}>
            <span>
              {place.name}
              <span className="field-hint settings-choice-hint">{place.text}</span>
              <bdi dir="ltr" className="mono secondary">
                {path}
              </bdi>
            </span>
            <span className="num secondary">{bytes === null ? '' : formatBytes(bytes)}</span>
            {isDesktop ? (
              <IconButton
                size="sm"
                icon={FolderOpen}
                label={words.stored.open(place.name)}
                onClick={() => void attempt('system.openStored', { name })}
              />
            ) : (
              <CopyIconButton label={words.stored.copyPath(place.name)} text={() => path} />
            )}
          </li>
        );
      })}
      <li>
        <span>
          <a href={href({ screen: 'models', tab: 'storage', repoId: null })}>{words.stored.models}</a>
          <span className="field-hint settings-choice-hint">{words.stored.modelsText}</span>
          <bdi dir="ltr" className="mono secondary">
            {settings.cacheFolder.current.path}
          </bdi>
        </span>
        <span className="num secondary">{models === undefined ? '' : formatBytes(models.totalBytes)}</span>
      </li>
    </ul>
  );
}
