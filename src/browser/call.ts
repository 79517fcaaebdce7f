// A function as a transport of the engine: what scripts ask themselves keeps to the page's slots and deadline.
import type { Transport, Undo } from '../core/index';
import { DEADLINE_MS, inSlot } from './http';

/** What a function is called with. */
export interface CallContext {
  /** Aborted at the deadline of 10 s, and when the answer is not wanted any more. */
  readonly signal: AbortSignal;
}

const ANSWER = { data: null, news: true, terminal: false, active: true, more: false };

/** A throw or a rejection is a failure. */
export const callTransport = (call: (context: CallContext) => unknown): Transport => ({
  open({ urgent }, { received, closed }) {
    const abort = new AbortController();
    let undo: Undo = () => abort.abort();
    const task = (free: () => void) => {
      // One that nobody wants any more may still have been queued.
      if (abort.signal.aborted) return free();
      const done = () => {
        clearTimeout(timer);
        free();
      };
      const fail = () => {
        undo();
        closed({ result: 'failed' });
      };
      undo = () => {
        done();
        abort.abort();
      };
      const timer = setTimeout(fail, DEADLINE_MS);
      // A synchronous throw is a failure like any other.
      new Promise((resolve) => resolve(call(abort))).then(() => {
        done();
        received(ANSWER);
        closed({ result: 'ok' });
      }, fail);
    };
    inSlot(() => new Promise(task), urgent);
    return () => undo();
  },
});
