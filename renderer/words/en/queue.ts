/** Messages that wait for the end of a reply, and the prompt of a reply. */
export const queue = {
  add: 'Send after this reply',
  title: 'Waiting messages',
  next: 'Sent when the reply ends',
  held: 'Not sent, because the reply before did not end by itself.',
  sendNext: 'Send the next one',
  sendNow: (text: string): string => `Send now: ${text}`,
  edit: (text: string): string => `Edit: ${text}`,
  remove: (text: string): string => `Remove: ${text}`,
  removed: 'The waiting message was removed',
  notKept: 'The message could not wait, and is back in the field',
};

export const seenPrompt = {
  act: 'What the model saw',
  title: 'What the model saw',
  text: 'What the model read before it wrote this reply, in its own tokens.',
  same: 'Made anew from this chat: every token is the one that the model read.',
  differs:
    'Made anew from this chat, and not what the model read: the system prompt, the messages, the model or its settings are others now, or the chat template has the date in it.',
  unknown:
    'Made anew from this chat. Whether the model read exactly this is not known for a reply of an older version.',
  continued: 'The reply was continued: the last time the model read its beginning as well.',
  notLoaded: 'The model must be in memory, because it makes the tokens.',
  load: 'Load the model',
};
