/** The engine's front door: the only module of `sync` that the UI imports. Signals to read, calls to make. */

export type * from './types';
export {
  session, connection, receipts, draft, leftOnline, waitingTotals, waitingWithdrawals, notCounted, othersWaiting, oldestWaiting, sending, setup, failures, shellCached, storageLost, updateReady, updateDue, updateError,
  canSyncInBackground, trouble, pendingLogin, sessionEnds, elsewhere, notices, mayIssue, vault, lockedBy,
} from './state';
export { start } from './start';
export { requestCode, confirmCode, rememberTyped, forgetAttempt, logout } from './login';
export { openDraft, saveDraft, dropDraft } from './drafts';
export { issue } from './issue';
export { WITHDRAWAL_REASONS, withdraw, noteCopyShown } from './withdraw';
export type { WithdrawalReason } from './withdraw';
export { reissue, continueVisit, forgetReplaced } from './reissue';
export { drainNow } from './engine';
export { rescueFile } from './rescue';
export { fetchDevices, revokeDevice, requestNumberCode, confirmNumber, readNotice } from './devices';
export { applyUpdate, workerState } from './worker';
export type { PhoneFacts } from './readiness';
export { LITTLE_SPACE, keepStorage, lookAtPhone, renewDirectories } from './readiness';
export { MIN_PIN } from './vault';
export type { LockResult } from './lock';
export { changeMyPin, close, enablePasskey, disablePasskey, forgetPin, justProven, lock, noteRested, noteWait, passkeyPossible, pinOptional, setPin, startAfresh, unlock, unlockByPasskey, waitLeft } from './lock';
export { fetchGuide } from './guide';
export type { Guide } from './guide';
export { searchReceipts, fetchReceipt } from './registry';
