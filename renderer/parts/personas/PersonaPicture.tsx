import type { PersonaSummary } from '../../../preload/contract/personas.ts';
import { usePicture } from './pictures.ts';
import './persona-picture.css';

interface PersonaPictureProps {
  /** Null where the persona is gone. */
  readonly persona: Pick<PersonaSummary, 'id' | 'picture'> | null;
  readonly name: string;
  readonly size: number;
}

/** The picture of a persona, or the first letter of its name. It says nothing that the name beside it does not say. */
export function PersonaPicture({ persona, name, size }: PersonaPictureProps): React.JSX.Element {
  const url = usePicture(persona);
  return (
    <span className="persona-picture" aria-hidden="true" style={{ inlineSize: size, blockSize: size }}>
      {url === null ? (
        <span style={{ fontSize: size * 0.45 }}>{[...name.trim()][0]?.toLocaleUpperCase() ?? ''}</span>
      ) : (
        <img src={url} alt="" width={size} height={size} />
      )}
    </span>
  );
}
