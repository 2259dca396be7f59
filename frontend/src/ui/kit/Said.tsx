import type { ComponentChildren } from 'preact';

/** What came of a tap, above the buttons of the screen; heard at once. */
export function Said({ children }: { children: ComponentChildren }) {
  return children ? (
    <p class="hint saved-said" role="alert">
      {children}
    </p>
  ) : null;
}
