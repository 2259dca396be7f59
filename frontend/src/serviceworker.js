/* The worker of one release: its files by hash, and the script it shares with the page. Filled in by scripts/build.ts;
   the browser keeps the script with the worker, so the worker starts without network. */
var __SHELL_VERSION__ = '{version}';
var __SHELL__ = {shell};
// The worker lives under the page's policy of trusted types (kias_offline/middleware.py): one name, and here one address.
importScripts(self.trustedTypes ? trustedTypes.createPolicy('kias-worker', { createScriptURL: () => '{script}' }).createScriptURL('') : '{script}');
