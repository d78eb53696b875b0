/** The two texts of a reply, reasoning and content, and what separates them while it streams. */

export interface ReasoningSplit {
  readonly content: string;
  readonly reasoning: string;
  /** All content that was given before this was reasoning: only now came the mark that ends it, and none had begun it. */
  readonly contentWasReasoning?: true;
}

export interface ReasoningSplitter {
  push(text: string): ReasoningSplit;
  end(): ReasoningSplit;
  /** Whether the latest text belongs to the reasoning. */
  inReasoning(): boolean;
}

/** For text that is no reply to a conversation: nothing in it is taken for reasoning. */
export const allContent: ReasoningSplitter = {
  push: (content) => ({ content, reasoning: '' }),
  end: () => ({ content: '', reasoning: '' }),
  inReasoning: () => false,
};
