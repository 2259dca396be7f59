import type { ComponentChildren } from 'preact';

import { scrolled } from '../router/router';
import { useEffect, useState } from './hooks';

/** A long list: what the screen shows at once, then a few in a task of their own each time, so that no touch waits for hundreds of rows. */
export function Gradually<T>({ all, draw, few }: { all: readonly T[]; draw: (one: T) => ComponentChildren; few?: boolean }) {
  const [part] = useState(() => (few ? 6 : 20 + Math.ceil(scrolled() / 50)));
  const [more, setMore] = useState(false);
  const long = all.length > part;
  useEffect(() => {
    if (long) requestAnimationFrame(() => setTimeout(() => setMore(true)));
  }, [long]);
  return (
    <>
      {all.slice(0, part).map(draw)}
      {long && more && <Gradually all={all.slice(part)} draw={draw} few />}
    </>
  );
}
