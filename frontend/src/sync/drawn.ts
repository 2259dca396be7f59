/** After what is now to be shown is on the screen, if there is one: it is what the agent waits for. */
export function whenDrawn(action: () => void): void {
  let due = true;
  const act = (): void => {
    if (due) action();
    due = false;
  };
  if (!globalThis.requestAnimationFrame || document.hidden) return act();
  requestAnimationFrame(() => setTimeout(act));
  document.addEventListener('visibilitychange', act, { once: true }); // hidden meanwhile, it draws nothing
}
