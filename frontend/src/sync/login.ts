import type { Agent, Answer, PendingLogin } from './types';

/** Asks for an SMS code; a repeat within its life sends the same code again. */
export declare function requestCode(phoneNumber: string): Promise<Answer<PendingLogin>>;
/** Logs in, registers this installation, fetches the directories and starts sending. */
export declare function confirmCode(code: string): Promise<Answer<Agent>>;
/** Keeps what is being typed, so that a reload does not lose it. */
export declare function rememberTyped(typed: { phone_number?: string; code?: string }): void;
/** «Изменить»: back to the phone number, keeping it. */
export declare function forgetAttempt(): void;
/** Ends the session on the server where it can be reached. Nothing unsent is touched (F25). */
export declare function logout(): Promise<Answer<null>>;
