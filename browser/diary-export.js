// Saves the file of an `action_done` through the browser's own download.

const KEPT_MS = 60_000; // Safari reads the blob some time after the click

/** False when there is no file in it: the receiver is an older one. */
export function saveExport(file) {
  if (typeof file?.text !== "string") return false;
  const address = URL.createObjectURL(new Blob([file.text], { type: `${file.media_type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = file.name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
  return true;
}
