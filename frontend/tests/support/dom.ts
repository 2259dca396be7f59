/** As much of a document as Preact asks for: elements in a tree that know their place, attributes and text. */

export class Node {
  childNodes: Node[] = [];
  parentNode: Node | null = null;
  attributes: Record<string, string> = {};
  namespaceURI = 'http://www.w3.org/1999/xhtml';

  constructor(
    readonly localName: string,
    public data = '',
  ) {}
  get nodeType(): number {
    return this.localName === '#text' ? 3 : 1;
  }
  get firstChild(): Node | null {
    return this.childNodes[0] ?? null;
  }
  get nextSibling(): Node | null {
    const around = this.parentNode?.childNodes ?? [];
    return around[around.indexOf(this) + 1] ?? null;
  }
  get textContent(): string {
    return this.data + this.childNodes.map((child) => child.textContent).join('');
  }
  insertBefore(node: Node, before: Node | null): void {
    node.remove();
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    this.childNodes.splice(at, 0, node);
    node.parentNode = this;
  }
  remove(): void {
    if (this.parentNode) this.parentNode.childNodes = this.parentNode.childNodes.filter((one) => one !== this);
    this.parentNode = null;
  }
  setAttribute(name: string, value: string): void {
    this.attributes[name] = value;
  }
  removeAttribute(name: string): void {
    Reflect.deleteProperty(this.attributes, name);
  }
}

export const document = {
  createElementNS: (_: string, name: string) => new Node(name),
  createTextNode: (data: string) => new Node('#text', data),
};
