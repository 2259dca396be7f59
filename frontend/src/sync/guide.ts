/** What is read from the server when somebody asks for it, is no data of anybody's and is kept nowhere. */

/** One way of installing (`public/install/steps.json`). */
export interface Way {
  id: string;
  name: string;
  note?: string;
  /** `picture`: a drawing beside `steps.json`, without its ending; `{address}` in a text is the app's own */
  steps: { text: string; picture: string }[];
}

/** All ways, and by which sign in a browser's name each is known: the first that fits counts. */
export interface Guide {
  ways: Way[];
  signs: Record<'apple' | 'android' | 'desktop', [sign: string, way: string][]>;
}

/** Null where it did not come. */
export async function fetchGuide(): Promise<Guide | null> {
  try {
    const response = await fetch(`${import.meta.env.BASE_URL}install/steps.json`, { signal: AbortSignal.timeout(20_000) });
    const guide = (await response.json()) as Partial<Guide>;
    return guide.ways && guide.signs ? (guide as Guide) : null;
  } catch {
    return null;
  }
}
