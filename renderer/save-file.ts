/** Lets the browser keep something that this page has, under a name, as it does with what it downloads. */
export function saveFile({ name, content }: { readonly name: string; readonly content: Blob }): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Not at once: the browser has only been asked so far.
  setTimeout(() => URL.revokeObjectURL(url), releaseMs);
}

const releaseMs = 60_000;
