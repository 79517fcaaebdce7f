// A person's absence pauses the polls whose policy says so (turns, documents); any input brings them back.
import { listen } from './dom';
import { tellAll } from './polls';

const ABSENT_AFTER_MS = 300_000;

export function watchIdle(signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const awake = () => {
    clearTimeout(timer);
    tellAll('idle', false);
    // Only visible time counts.
    if (!document.hidden) timer = setTimeout(() => tellAll('idle', true), ABSENT_AFTER_MS);
  };
  listen(document, 'visibilitychange pointerdown keydown wheel touchmove', signal, awake);
  signal.addEventListener('abort', () => clearTimeout(timer));
  awake();
}
