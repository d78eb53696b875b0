import { formatInteger } from '../words/format.ts';
import './fit.css';

/** The layers of a model as a row of cells, those on the GPU filled. */
export function LayerCells({ onGpu, layerCount }: { readonly onGpu: number; readonly layerCount: number }) {
  if (layerCount <= 0) return null;
  const words = `${formatInteger(onGpu)} of ${formatInteger(layerCount)} layers on the GPU`;
  return (
    <div className="layer-cells" role="img" aria-label={words} title={words}>
      {Array.from({ length: layerCount }, (_, index) => (
        <span key={index} data-on={index < onGpu || undefined} />
      ))}
    </div>
  );
}
