/**
 * A component is drawn again when a signal that it read has changed; main.tsx imports this before all that draws.
 * Every function component is drawn by a follower, inside an effect: public means of preact and signals-core alone,
 * a fifth of what `@preact/signals` weighs.
 */

import { effect } from '@preact/signals-core';
import { Component, type ComponentType, Fragment, type FunctionComponent, options } from 'preact';

type Props = Record<string, unknown>;

const followers = new Map<unknown, ComponentType<Props>>();

function following(draw: FunctionComponent<Props>): ComponentType<Props> {
  return class extends Component<Props> {
    stop?: () => void;

    override render(props: Props) {
      this.stop?.();
      let drawn: ReturnType<typeof draw>;
      let changed = false;
      this.stop = effect(() => {
        if (changed) this.forceUpdate();
        else drawn = draw(props);
        changed = true; // what runs this a second time is a change
      });
      return drawn;
    }

    override componentWillUnmount(): void {
      this.stop?.();
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
