import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from './hooks';

import { goBack } from '../router/router';
import { IconButton } from './Button';

/**
 * The frame of every screen: title, the list of contents, the main action in the thumb's reach. The title takes
 * the focus when the screen opens, so that a screen reader says where one is.
 */
export function Screen({
  title,
  back = false,
  action,
  bottom,
  children,
}: {
  title: string;
  back?: boolean;
  action?: ComponentChildren;
  bottom?: ComponentChildren;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · КИАС Офлайн`;
    if (document.activeElement === document.body || !document.activeElement) {
      heading.current?.focus({ preventScroll: true });
    }
  }, [title]);
  return (
    <div class="screen">
      <header class={back ? 'top top-with-back' : 'top'}>
        {back && <IconButton icon="back" label="Назад" onClick={goBack} />}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {action}
      </header>
      <main class="content">{children}</main>
      {bottom && <footer class="bottom">{bottom}</footer>}
    </div>
  );
}
