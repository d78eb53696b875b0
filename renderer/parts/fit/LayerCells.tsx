import './fit.css';
import { words } from '../../words/words.ts';

/** The layers of a model as a row of cells, those on the GPU filled. */
export function LayerCells({ onGpu, layerCount }: { readonly onGpu: number; readonly layerCount: number }) {
  if (layerCount <= 0) return null;
  const label = words.models.fitCard.layers(onGpu, layerCount);
  return (
    <div className="layer-cells" role="img" aria-label={label} title={label}>
      {Array.from({ length: layerCount }, (_, index) => (
        <span key={index} data-on={index < onGpu || undefined} />
      ))}
    </div>
  );
}
