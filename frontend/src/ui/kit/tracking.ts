/**
 * A component is drawn again when a signal that it read has changed; main.tsx imports this before all that draws.
 * Every function component is drawn by a follower, inside an effect, and keeps there what its hooks remember:
 * public means of preact alone.
 */

import { Component, type ComponentType, Fragment, type FunctionComponent, options } from 'preact';

import { effect } from '../../signals';
import { beginDrawing, type Hooked } from './hooks';

type Props = Record<string, unknown>;

const followers = new Map<unknown, ComponentType<Props>>();

function following(draw: FunctionComponent<Props>): ComponentType<Props> {
  return class extends Component<Props> implements Hooked {
    stop?: () => void;
    cells = [];
    effects: (() => void)[] = [];
    cleanups = new Set<() => void>();

    override render(props: Props) {
      this.stop?.();
      let drawn: ReturnType<typeof draw>;
      let changed = false;
      this.stop = effect(() => {
        if (changed) return this.forceUpdate();
        changed = true; // what runs this a second time is a change
        beginDrawing(this);
        drawn = draw(props);
      });
      return drawn;
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
