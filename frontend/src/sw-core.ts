/**
 * Brings in the part that page and worker share (docs/adr/0018-shared-core.md); sw.ts imports it before all else.
 * The browser keeps it with the worker, so the worker starts without network.
 */

/** `/static/app/assets/core-<hash>.js`. Set by scripts/build.ts. */
declare const __CORE__: string;
declare function importScripts(url: string): void;
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL: (url: string) => string };
}

const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
// The worker lives under the page's policy (kias_offline/middleware.py): one name, and here one address.
importScripts(types ? types.createPolicy('kias-worker', { createScriptURL: () => __CORE__ }).createScriptURL('') : __CORE__);
