/**
 * The reason why a model fits in this computer's memory or does not, and the reason of a recommendation, as sentences.
 */
import type { RecommendationReason } from '../../../preload/contract/hub.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import type { fit as english } from '../en/fit.ts';
import { formatBytes, formatDecimal, formatInteger, plural } from '../format.ts';
import { units } from './units.ts';

/** One or two sentences for the reason of a fit, with its sizes. */
function fitReasonText(fit: Fit): string {
  const ram = formatBytes(fit.ramBytes);
  const vram = formatBytes(fit.vramBytes);
  const freeRam = formatBytes(fit.freeRamBytes);
  switch (fit.reason) {
    case 'exceeds_vram':
      return `${layersOnGpu(fit)} etwa ${vram} auf der GPU, die ${formatBytes(fit.totalVramBytes)} hat. Weniger Schichten auf die GPU legen.`;
    case 'exceeds_ram':
      return `Braucht etwa ${ram}; dieser Computer hat ${formatBytes(fit.totalRamBytes)} Arbeitsspeicher, von denen etwa ${formatBytes(fit.usableRamBytes)} nutzbar sind.`;
    case 'exceeds_free_ram':
      return `Braucht etwa ${ram}; zurzeit sind ${freeRam} verfügbar. Zuerst andere Programme schließen oder eine kleinere Datei wählen.`;
    case 'exceeds_free_vram':
      return `Braucht etwa ${vram} auf der GPU, wo zurzeit ${formatBytes(fit.freeVramBytes)} verfügbar sind. Weniger Schichten auf die GPU legen.`;
    case 'leaves_little_ram':
      return `Braucht etwa ${ram} der verfügbaren ${freeRam}. Andere Programme können langsam werden.`;
    case 'fits_with_gpu':
      return `Braucht etwa ${vram} auf der GPU${layersWithVram(fit)} und ${ram} Arbeitsspeicher.`;
    case 'fits_in_ram':
      return `Braucht etwa ${ram}; ${freeRam} sind verfügbar.`;
    default:
      return fit.reason satisfies never;
  }
}

/** One sentence for the reason why this file is recommended. */
function recommendationText(reason: RecommendationReason, fit: Fit): string {
  const share = `Die Datei belegt ${formatBytes(fit.ramBytes)} der verfügbaren ${formatBytes(fit.freeRamBytes)}`;
  switch (reason) {
    case 'best_on_gpu':
      return `Die beste Qualität, die ganz auf die GPU passt: Die Datei belegt dort ${formatBytes(fit.vramBytes)} der verfügbaren ${formatBytes(fit.freeVramBytes)}.`;
    case 'best_with_room':
      return `Die beste Qualität, die reichlich Speicher frei lässt: ${share}.`;
    case 'best_with_speed':
      return `Die beste Qualität, die auf diesem Computer schnell ist, ${speedText(fit) ?? ''}: Eine bessere wäre langsam.`;
    case 'fastest_good':
      return `Die schnellste Datei mit guter Qualität auf diesem Computer, ${speedText(fit) ?? ''}.`;
    case 'good_that_fits':
      return `Gute Qualität, die auf diesen Computer passt: ${share}.`;
    case 'best_that_fits':
      return `Die beste dieser Dateien, die auf diesen Computer passt: ${share}.`;
    case 'balanced':
      return 'Ein gutes Verhältnis von Qualität und Größe.';
    default:
      return reason satisfies never;
  }
}

/** `etwa 12 Token/s`; null where no speed is predicted. A prediction has no more than two figures. */
function speedText({ tokensPerSecond, isSpeedEstimated }: Fit): string | null {
  if (tokensPerSecond === null) return null;
  const speed = `etwa ${units.tokensPerSecond(formatDecimal(Number(tokensPerSecond.toPrecision(2)), 1))}`;
  return isSpeedEstimated ? `${speed} (geschätzt)` : speed;
}

/** The prediction alone, for a column whose heading says what it is. */
const speedFigure = ({ tokensPerSecond }: Fit): string | null =>
  tokensPerSecond === null ? null : units.tokensPerSecond(formatDecimal(Number(tokensPerSecond.toPrecision(2)), 1));

/** The prediction as a sentence of its own. */
function speedSentence(fit: Fit): string | null {
  const speed = speedText(fit);
  if (speed === null) return null;
  return isSlow(fit) ? `Eventuell langsam: ${speed}.` : `${speed.replace('etwa', 'Etwa')}.`;
}

/** Slower than most people read. */
const isSlow = ({ tokensPerSecond }: Fit): boolean => tokensPerSecond !== null && tokensPerSecond < 5;

function layersOnGpu({ gpuLayers }: Fit): string {
  if (gpuLayers === 0) return 'Das Modell braucht';
  return gpuLayers === 1
    ? '1 Schicht braucht'
    : `${plural(gpuLayers, { one: '# Schicht', other: '# Schichten' })} brauchen`;
}

/** The number of layers is unknown until the header is read. */
function layersWithVram({ gpuLayers, layerCount }: Fit): string {
  if (layerCount === 0) return '';
  return gpuLayers === layerCount
    ? ' (mit allen Schichten)'
    : ` (mit ${formatInteger(gpuLayers)} von ${plural(layerCount, { one: '# Schicht', other: '# Schichten' })})`;
}

export const fit: typeof english = {
  reason: fitReasonText,
  recommendation: recommendationText,
  speed: speedSentence,
  speedFigure,
};
