import type { ComponentChildren } from 'preact';

import { navigate } from '../router/router';

/** A link inside the app; with a modifier key the browser does what it always does. */
export function Link({ to, class: extra, children }: { to: string; class?: string; children: ComponentChildren }) {
  return (
    <a
      href={to}
      class={extra}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(to);
      }}
    >
      {children}
    </a>
  );
}
