// A person's absence pauses the polls whose policy says so (turns, documents); any input brings them back.
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
  for (const type of ['visibilitychange', 'pointerdown', 'keydown', 'wheel', 'touchmove'])
    document.addEventListener(type, awake, { signal, passive: true });
  signal.addEventListener('abort', () => clearTimeout(timer));
  awake();
}
