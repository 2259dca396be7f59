/** The agent's moment for the new version: the waiting worker takes over and the page reloads. */
export declare function applyUpdate(): Promise<void>;
