/** Settings: what is on this computer. */
export const stored = {
  places: {
    data: {
      name: 'Data folder',
      text: 'Everything below is in it. A copy of this folder is a copy of all your chats.',
    },
    database: { name: 'Database', text: 'Chats, settings and lists.' },
    files: { name: 'Files of messages', text: 'Attachments. They are deleted with the last message that names them.' },
    states: { name: 'States of chats', text: 'What models have read, so that a chat goes on at once.' },
    backups: { name: 'Backups', text: 'Copies of the database.' },
    logs: { name: 'Logs', text: 'What Hearth did. They hold no text of a chat and no access tokens.' },
  },
  models: 'Models',
  modelsText: 'In the models folder, with all downloads.',
  open: (name: string): string => `Open ${name}`,
  copyPath: (name: string): string => `Copy the path of ${name}`,
};
