/**
 * A component is drawn again when a signal that it read has changed, or when it is given something else than before:
 * what is the same keeps its elements. main.tsx imports this before all that draws.
 * Every function component is drawn by a follower, inside an effect, and keeps there what its hooks remember:
 * public means of preact alone.
 */

import { Component, type ComponentType, Fragment, type FunctionComponent, options } from 'preact';

import { effect } from '../../signals';
import { beginDrawing, type Hooked } from './hooks';

type Props = Record<string, unknown>;

const followers = new Map<unknown, ComponentType<Props>>();

const same = (one: Props, other: Props): boolean => Object.keys({ ...one, ...other }).every((name) => one[name] === other[name]);

function following(draw: FunctionComponent<Props>): ComponentType<Props> {
  return class extends Component<Props> implements Hooked {
    stop?: () => void;
    /** What it was drawn from last, until one of its signals or states changes. */
    current?: Props | undefined;
    drawn: ReturnType<typeof draw>;
    cells = [];
    effects: (() => void)[] = [];
    cleanups = new Set<() => void>();

    override render(props: Props) {
      if (this.current && same(this.current, props)) return this.drawn;
      this.current = props;
      this.stop?.();
      let changed = false;
      this.stop = effect(() => {
        if (changed) return this.forceUpdate();
        changed = true; // what runs this a second time is a change
        beginDrawing(this);
        this.drawn = draw(props);
      });
      return this.drawn;
    }

    override forceUpdate(): void {
      this.current = undefined;
      super.forceUpdate();
    }

    override componentDidMount(): void {
      for (const run of this.effects.splice(0)) run();
    }

    override componentDidUpdate(): void {
      this.componentDidMount();
    }

    override componentWillUnmount(): void {
      this.stop?.();
      for (const undo of this.cleanups) undo();
    }
  };
}

options.vnode = (vnode) => {
  const { type } = vnode;
  // A class draws itself: ours is the only one, and reads no signal; a follower comes by again with every redraw.
  if (typeof type !== 'function' || type === Fragment || type.prototype instanceof Component) return;
  let follower = followers.get(type);
  if (!follower) followers.set(type, (follower = following(type as FunctionComponent<Props>)));
  vnode.type = follower as typeof vnode.type;
};
