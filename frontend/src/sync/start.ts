/** Call once, before the first render. Never throws: trouble is told by the `trouble` signal. */
export function start(): Promise<void> {
  return Promise.reject(new Error('not built yet'));
}
