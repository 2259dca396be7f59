/** What is read from the server when somebody asks for it, is no data of anybody's and is kept nowhere. */

/** One way of installing (`public/install/steps.json`). */
export interface Way {
  id: string;
  name: string;
  note?: string;
  /** `picture`: a drawing beside `steps.json`, without its ending; `{address}` in a text is the app's own */
  steps: { text: string; picture: string }[];
}

/** All ways of installing; null where they did not come. */
export async function fetchWays(): Promise<Way[] | null> {
  try {
    const response = await fetch(`${import.meta.env.BASE_URL}install/steps.json`, { signal: AbortSignal.timeout(20_000) });
    const { ways } = (await response.json()) as { ways?: Way[] };
    return ways ?? null;
  } catch {
    return null;
  }
}
