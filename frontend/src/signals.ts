/**
 * Signals: values that tell whoever has read them when they change. What `signal`, `computed` and `effect` of
 * @preact/signals-core do for this app, in a third of the bytes: a computed value is worked out when it is asked for
 * and only if something it read has changed; an effect runs at once, once for a change, however many ways lead to it.
 */

export interface ReadonlySignal<T> {
  /** Read inside a computed value, an effect or a component's drawing, it is followed from then on. */
  readonly value: T;
  /** The value, without following it. */
  peek(): T;
}

export interface Signal<T> extends ReadonlySignal<T> {
  value: T;
}

class Source {
  readonly followers = new Set<Follower>();
  constructor(readonly peek: () => unknown) {}

  tell(): void {
    for (const follower of [...this.followers]) follower.tell();
  }
}

class Follower {
  /** What was read, in its order, and what it was then. */
  readonly seen = new Map<Source, unknown>();
  stale = true;

  constructor(
    readonly work: () => void,
    readonly told: () => void,
  ) {}

  tell(): void {
    if (this.stale) return;
    this.stale = true;
    this.leave();
    this.told();
  }

  leave(): void {
    for (const source of this.seen.keys()) source.followers.delete(this);
  }

  /** Works anew if something read is not what it was. */
  refresh(): void {
    if (!this.stale) return;
    const { seen } = this;
    const same = seen.size > 0 && [...seen].every(([source, value]) => Object.is(source.peek(), value));
    this.stale = false;
    if (same) {
      for (const source of seen.keys()) source.followers.add(this);
      return;
    }
    seen.clear();
    try {
      readAs(this, this.work);
    } catch (error) {
      this.leave();
      seen.clear();
      this.stale = true;
      throw error;
    }
  }
}

let reading: Follower | null = null;

function readAs(follower: Follower | null, work: () => void): void {
  const outer = reading;
  reading = follower;
  try {
    work();
  } finally {
    reading = outer;
  }
}

function noted<T>(source: Source, value: T): T {
  if (reading) {
    source.followers.add(reading);
    reading.seen.set(source, value);
  }
  return value;
}

const waiting = new Set<Follower>();
let running = false;

function runWaiting(): void {
  if (running) return;
  running = true;
  try {
    for (const follower of waiting) {
      waiting.delete(follower);
      follower.refresh();
    }
  } finally {
    running = false;
  }
}

export function signal<T>(current: T): Signal<T> {
  const peek = () => current;
  const source = new Source(peek);
  return {
    peek,
    get value() {
      return noted(source, current);
    },
    set value(next) {
      if (Object.is(next, current)) return;
      current = next;
      source.tell();
      runWaiting();
    },
  };
}

export function computed<T>(work: () => T): ReadonlySignal<T> {
  let current: T;
  const follower = new Follower(
    () => (current = work()),
    () => source.tell(),
  );
  const peek = () => {
    follower.refresh();
    return current;
  };
  const source = new Source(peek);
  return {
    peek,
    get value() {
      return noted(source, peek());
    },
  };
}

/** Runs now and after every change of what it has read; `work` may return what undoes it. Returns what stops it. */
export function effect(work: () => void | (() => void)): () => void {
  let undo: void | (() => void);
  const leave = () => {
    const before = undo;
    undo = undefined;
    if (before) readAs(null, before);
  };
  const follower = new Follower(
    () => {
      leave();
      undo = work();
    },
    () => waiting.add(follower),
  );
  follower.refresh();
  return () => {
    waiting.delete(follower);
    follower.leave();
    leave();
  };
}
