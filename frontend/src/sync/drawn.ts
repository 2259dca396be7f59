/** After what is now to be shown is on the screen, if there is one: it is what the agent waits for. */
export function whenDrawn(action: () => void): void {
  if (!globalThis.requestAnimationFrame || document.hidden) action();
  else requestAnimationFrame(() => setTimeout(action));
}
