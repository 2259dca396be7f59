import { Component, type ComponentChildren } from 'preact';

import { Failed } from './Trouble';

/** The last net: whatever breaks on a screen, the receipts lie in the phone's store, and it says so. */
export class Boundary extends Component<{ children: ComponentChildren }, { broken: boolean }> {
  override state = { broken: false };

  static override getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(error: unknown): void {
    reportError(error);
  }

  override render() {
    return this.state.broken ? <Failed /> : this.props.children;
  }
}
