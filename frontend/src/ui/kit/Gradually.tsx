import type { ComponentChildren } from 'preact';

import { scrolled } from '../router/router';
import { useEffect, useState } from './hooks';

/** A long list: what the screen shows at once, each further part in a task of its own, so that no touch waits for hundreds of rows. */
export function Gradually<T>({ all, draw }: { all: readonly T[]; draw: (one: T) => ComponentChildren }) {
  const [part] = useState(() => 20 + Math.ceil(scrolled() / 50));
  const [more, setMore] = useState(false);
  const long = all.length > part;
  useEffect(() => {
    if (long) requestAnimationFrame(() => setTimeout(() => setMore(true)));
  }, [long]);
  return (
    <>
      {all.slice(0, part).map(draw)}
      {long && more && <Gradually all={all.slice(part)} draw={draw} />}
    </>
  );
}
