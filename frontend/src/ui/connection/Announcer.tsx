import { announcement } from './model';

/** The one polite region of the app. It stands from the first moment, or nothing would be read out. */
export function Announcer() {
  return (
    <div class="unseen" role="status" aria-live="polite">
      {announcement.value}
    </div>
  );
}
