/** The app covers itself when it goes to the background: the phone photographs it for its list of apps (P30). */
export function watchCover(): void {
  document.addEventListener('visibilitychange', () => {
    document.documentElement.classList.toggle('covered', document.visibilityState === 'hidden');
  });
}
