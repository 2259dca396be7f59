export type Shared = 'shared' | 'copied' | 'cancelled' | 'impossible';

/** The phone's own share sheet where there is one, the clipboard otherwise. */
export async function shareText(text: string): Promise<Shared> {
  if (typeof navigator.share === 'function') {
    try {
      await navigator.share({ text });
      return 'shared';
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return 'cancelled';
    }
  }
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    return 'impossible';
  }
}
