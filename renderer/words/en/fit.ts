/**
 * The reason why a model fits in this computer's memory or does not, and the reason of a recommendation, as sentences.
 */
import type { RecommendationReason } from '../../../preload/contract/hub.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { formatBytes, formatDecimal, formatInteger, plural } from '../format.ts';
import { units } from './units.ts';

/** One or two sentences for the reason of a fit, with its sizes. */
function fitReasonText(fit: Fit): string {
  const ram = formatBytes(fit.ramBytes);
  const vram = formatBytes(fit.vramBytes);
  const freeRam = formatBytes(fit.freeRamBytes);
  switch (fit.reason) {
    case 'exceeds_vram':
      return `${layersOnGpu(fit)} about ${vram} on the GPU, which has ${formatBytes(fit.totalVramBytes)}. Put fewer layers there.`;
    case 'exceeds_ram':
      return `Needs about ${ram}; this computer has ${formatBytes(fit.totalRamBytes)} of memory, of which about ${formatBytes(fit.usableRamBytes)} can be used.`;
    case 'exceeds_free_ram':
      return `Needs about ${ram}; ${freeRam} is available at the moment. Close other programs first, or choose a smaller file.`;
    case 'exceeds_free_vram':
      return `Needs about ${vram} on the GPU, where ${formatBytes(fit.freeVramBytes)} is available at the moment. Put fewer layers there.`;
    case 'leaves_little_ram':
      return `Needs about ${ram} of the ${freeRam} that is available. Other programs may become slow.`;
    case 'fits_with_gpu':
      return `Needs about ${vram} on the GPU${layersWithVram(fit)}, and ${ram} of memory.`;
    case 'fits_in_ram':
      return `Needs about ${ram}; ${freeRam} is available.`;
    default:
      return fit.reason satisfies never;
  }
}

/** One sentence for the reason why this file is recommended. */
function recommendationText(reason: RecommendationReason, fit: Fit): string {
  const share = `it takes ${formatBytes(fit.ramBytes)} of the ${formatBytes(fit.freeRamBytes)} that is available`;
  switch (reason) {
    case 'best_on_gpu':
      return `The best quality that fits entirely on the GPU: it takes ${formatBytes(fit.vramBytes)} of the ${formatBytes(fit.freeVramBytes)} that is available there.`;
    case 'best_with_room':
      return `The best quality that leaves plenty of memory free: ${share}.`;
    case 'best_with_speed':
      return `The best quality that is quick on this computer, ${speedText(fit) ?? ''}: a better one would be slow.`;
    case 'fastest_good':
      return `The fastest of good quality on this computer, ${speedText(fit) ?? ''}.`;
    case 'good_that_fits':
      return `Good quality that fits on this computer: ${share}.`;
    case 'best_that_fits':
      return `The best of these files that fits on this computer: ${share}.`;
    case 'balanced':
      return 'A good balance of quality and size.';
    default:
      return reason satisfies never;
  }
}

/** `about 12 tokens/s`; null where no speed is predicted. A prediction has no more than two figures. */
function speedText({ tokensPerSecond, isSpeedEstimated }: Fit): string | null {
  if (tokensPerSecond === null) return null;
  const speed = `about ${units.tokensPerSecond(formatDecimal(Number(tokensPerSecond.toPrecision(2)), 1))}`;
  return isSpeedEstimated ? `${speed} (estimated)` : speed;
}

/** The prediction alone, for a column whose heading says what it is. */
const speedFigure = ({ tokensPerSecond }: Fit): string | null =>
  tokensPerSecond === null ? null : units.tokensPerSecond(formatDecimal(Number(tokensPerSecond.toPrecision(2)), 1));

/** The prediction as a sentence of its own. */
function speedSentence(fit: Fit): string | null {
  const speed = speedText(fit);
  if (speed === null) return null;
  return isSlow(fit) ? `May be slow: ${speed}.` : `${speed.replace('about', 'About')}.`;
}

/** Slower than most people read. */
const isSlow = ({ tokensPerSecond }: Fit): boolean => tokensPerSecond !== null && tokensPerSecond < 5;

function layersOnGpu({ gpuLayers }: Fit): string {
  if (gpuLayers === 0) return 'The model needs';
  return gpuLayers === 1 ? '1 layer needs' : `${plural(gpuLayers, { one: '# layer', other: '# layers' })} need`;
}

/** The number of layers is unknown until the header is read. */
function layersWithVram({ gpuLayers, layerCount }: Fit): string {
  if (layerCount === 0) return '';
  return gpuLayers === layerCount
    ? ' with all layers'
    : ` with ${formatInteger(gpuLayers)} of ${plural(layerCount, { one: '# layer', other: '# layers' })}`;
}

export const fit = { reason: fitReasonText, recommendation: recommendationText, speed: speedSentence, speedFigure };
