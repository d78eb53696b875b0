/** Offers a text as a file: a browser saves it as a download, and the app's window asks where to. */
export function saveText(name: string, text: string, mediaType: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: mediaType }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download begins after this task, and reads the text then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
