// What the page's script lends to the scripts beside it. They are bundled and shortened on their own, so nothing here
// begins with "_".
import { targetsOf } from './controls';
import { decode, forgetAnswers, request } from './http';
import type { Poll } from './polls';
import { createRegion, regions } from './region';
import { judge } from './transport';
import { say } from './words';

export interface Sent {
  readonly ok: boolean;
  readonly text: string;
  /** Names the sentence that says what went wrong. */
  readonly verdict: string;
}

export type Tools = typeof tools;

/** Works on the page until `signal` is aborted. */
export type Extension = (lent: Tools, signal: AbortSignal) => void;

/** Reads at once: nothing asked before this moment may answer. */
export function refreshAll(some: Iterable<Poll>): void {
  forgetAnswers();
  for (const { _loop } of some) _loop.dispatch({ type: 'refresh' });
}

export const tools = {
  /** POSTs JSON, and learns from the answer's headers as a poll would. */
  async send(url: string, body: string): Promise<Sent> {
    const reply = await request(url, {
      method: 'POST',
      headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
      body,
    });
    return {
      ok: reply.status > 199 && reply.status < 300,
      text: decode(reply._bytes),
      verdict: judge(url, reply, 'record')[0],
    };
  },

  /** Reads what attribute `name` of `owner` names, else what is around `control`. */
  refresh(owner: Element, name: string, control: Element): void {
    refreshAll(targetsOf(owner, name, control));
  },

  /** Asks the regions that attribute `name` of `form` names for what the address bar says. */
  aim(form: Element, name: string): void {
    for (const poll of targetsOf(form, name)) {
      const json = regions.get(poll._element!)?._json;
      if (!json) continue;
      const url = new URL(json._url());
      url.search = location.search;
      json._aim(url.href);
      poll._element!.setAttribute('aria-busy', 'true');
      poll._loop.dispatch({ type: 'retarget' });
    }
  },

  /**
   * The region of `element`. One that is not in the document is begun for a script: it shows nothing, tells by the events
   * `vpo:data` and `vpo:state`, and ends with `stop`. Throws for what may not be polled.
   */
  region(element: Element) {
    const region = regions.get(element) ?? createRegion(element);
    if (!region) throw new TypeError(say('rejected'));
    const { _poll, _json, _data, _show, _stop } = region;
    return {
      data: _data(),
      /** `isForgetting`: what is shown may be something else than was answered last. */
      refresh(isForgetting: boolean): void {
        if (isForgetting) _json?._aim(_json._url());
        refreshAll([_poll]);
      },
      show: _show,
      stop: _stop,
    };
  },

  say,
};
