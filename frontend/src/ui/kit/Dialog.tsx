import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from './hooks';

import { closeOverlay } from '../router/router';

/**
 * A modal over the screen: the browser's own <dialog> holds the focus inside and makes the rest inert. It lives
 * while the history entry that opened it does, so Back, Escape and a tap on the veil all close it the same way.
 */
export function Dialog({
  label,
  kind,
  children,
}: {
  label: string;
  kind: 'drawer' | 'sheet' | 'page';
  children: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    const opened = location.pathname;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      if (location.pathname !== opened) return; // another screen comes: to bring this one back to life would style all its rows
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`dialog dialog-${kind}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        closeOverlay();
      }}
      onClick={(event) => {
        if (event.target === ref.current) closeOverlay();
      }}
    >
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
