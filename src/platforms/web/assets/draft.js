/** Keeps a text over a reload of the page, where the browser allows it. */
export function draftKeeper(name) {
  const storage = storageOf();
  return {
    read: () => storage?.getItem(name) ?? "",
    write: (text) => storage?.setItem(name, text),
  };
}

/** Reading the property throws where the reader forbids pages to keep anything. */
function storageOf() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
