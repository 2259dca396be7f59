/**
 * What a function component remembers between two drawings: the three hooks that the screens use, as preact/hooks
 * has them, in a quarter of its bytes. Effects run right after the DOM has changed, children's first.
 */

/** A component as its hooks see it (tracking.ts). */
export interface Hooked {
  /** One for each call of a hook, in their order. */
  readonly cells: unknown[];
  /** What is to run when the DOM has changed. */
  readonly effects: (() => void)[];
  readonly cleanups: Set<() => void>;
  forceUpdate(): void;
}

type Deps = readonly unknown[];

let drawing: Hooked;
let place = 0;

/** The hooks called from now on are this component's. */
export function beginDrawing(component: Hooked): void {
  drawing = component;
  place = 0;
}

function cell<T>(make: () => T): T {
  const { cells } = drawing;
  if (place === cells.length) cells.push(make());
  return cells[place++] as T;
}

/** Whether the dependencies differ from those of the last drawing; always so when there are none. */
function changed(deps?: Deps): boolean {
  const last = cell(() => ({ deps: undefined as Deps | undefined }));
  const before = last.deps;
  last.deps = deps;
  return !deps || !before || deps.some((value, at) => !Object.is(value, before[at]));
}

export function useState<T>(initial: T | (() => T)): [T, (next: T | ((now: T) => T)) => void];
export function useState<T>(): [T | undefined, (next: T | undefined | ((now: T | undefined) => T | undefined)) => void];
export function useState<T>(initial?: T | (() => T)): unknown {
  const component = drawing;
  return cell(() => {
    const resolve = (value: unknown, now?: unknown): unknown => (typeof value === 'function' ? (value as (now: unknown) => unknown)(now) : value);
    const pair = [
      resolve(initial),
      (value: unknown) => {
        const next = resolve(value, pair[0]);
        if (Object.is(next, pair[0])) return;
        pair[0] = next;
        component.forceUpdate();
      },
    ];
    return pair;
  });
}

export function useRef<T>(initial: T): { current: T };
export function useRef<T>(initial: null): { current: T | null };
export function useRef(initial: unknown): unknown {
  return cell(() => ({ current: initial }));
}

/** `work` may return what undoes it: called before it runs again and when the component goes. */
export function useEffect(work: () => void | (() => void), deps?: Deps): void {
  const { effects, cleanups } = drawing;
  const done = cell(() => ({ undo: undefined as (() => void) | undefined }));
  if (!changed(deps)) return;
  effects.push(() => {
    if (done.undo) cleanups.delete(done.undo);
    done.undo?.();
    done.undo = work() ?? undefined;
    if (done.undo) cleanups.add(done.undo);
  });
}
