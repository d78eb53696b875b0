/** A reply in two texts, and what tells them apart while it streams. */

export interface ReasoningSplit {
  readonly content: string;
  readonly reasoning: string;
}

export interface ReasoningSplitter {
  push(text: string): ReasoningSplit;
  end(): ReasoningSplit;
  /** Whether the last text that came belongs to the reasoning. */
  inReasoning(): boolean;
}
