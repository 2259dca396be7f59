/** Set by the build from package.json; travels in pings and envelopes. */
declare const __APP_VERSION__: string;
