import { BarChart3, Check, EyeOff, Gauge, Play, Redo2, RefreshCw, Square, TextCursorInput, Undo2 } from 'lucide-react';
import { keymap } from '../../navigation/keymap.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Tooltip } from '../../ui/layers/Tooltip.tsx';
import { words } from '../../words/words.ts';
import type { EditorFacts } from './use-document.ts';

interface ToolbarProps {
  readonly facts: EditorFacts;
  readonly isReady: boolean;
  readonly isWriting: boolean;
  readonly isScoring: boolean;
  /** The model has not said that it cannot. */
  readonly canFill: boolean;
  readonly onGenerate: () => void;
  readonly onFill: () => void;
  readonly onRetry: () => void;
  readonly onStop: () => void;
  readonly onUndo: () => void;
  readonly onRedo: () => void;
  readonly onAccept: () => void;
  readonly onAlternatives: () => void;
  readonly onScore: () => void;
  readonly onHideScore: () => void;
}

/** What a model can do with the text. */
export function Toolbar(props: ToolbarProps): React.JSX.Element {
  const { facts, isReady, isWriting, isScoring, canFill } = props;
  const w = words.notebook;
  return (
    <div className="notebook-toolbar" role="toolbar" aria-label={w.toolbar}>
      {isWriting ? (
        <Button variant="primary" icon={Square} onClick={props.onStop}>
          {w.stop}
        </Button>
      ) : (
        <Tooltip text={w.generateHint} shortcut={keymap['notebook.generate'].shortcut}>
          <Button variant="primary" icon={Play} disabled={!isReady} onClick={props.onGenerate}>
            {w.generate}
          </Button>
        </Tooltip>
      )}
      <Tooltip text={canFill ? w.fillHint : w.noFill}>
        <Button
          icon={TextCursorInput}
          aria-disabled={!canFill || undefined}
          disabled={!isReady || isWriting}
          onClick={() => canFill && props.onFill()}
        >
          {w.fill}
        </Button>
      </Tooltip>
      <span className="notebook-toolbar-line" aria-hidden="true" />
      <IconButton
        label={w.retry}
        icon={RefreshCw}
        shortcut={keymap['notebook.retry'].shortcut}
        disabled={!facts.canRetry}
        onClick={props.onRetry}
      />
      <IconButton label={w.undo} icon={Undo2} shortcut="Mod+Z" disabled={!facts.canUndo} onClick={props.onUndo} />
      <IconButton label={w.redo} icon={Redo2} shortcut="Mod+Shift+Z" disabled={!facts.canRedo} onClick={props.onRedo} />
      <IconButton
        label={w.alternatives.open}
        icon={BarChart3}
        shortcut={keymap['notebook.alternatives'].shortcut}
        disabled={!facts.hasGenerated && !facts.hasScored}
        onClick={props.onAlternatives}
      />
      <IconButton label={w.accept} icon={Check} disabled={!facts.hasGenerated} onClick={props.onAccept} />
      <span className="notebook-toolbar-space" />
      {facts.hasScored || isScoring ? (
        <Button variant="ghost" icon={EyeOff} onClick={props.onHideScore}>
          {w.clearPerplexity}
        </Button>
      ) : (
        <Tooltip text={w.perplexityHint}>
          <Button variant="ghost" icon={Gauge} disabled={!isReady || facts.characters === 0} onClick={props.onScore}>
            {w.perplexity}
          </Button>
        </Tooltip>
      )}
    </div>
  );
}
