// The page's one manager of polls by key, for scripts: it obeys the page's pauses and shares its slots.
import { createManager, type PollingManager as Manager, type PollFunction as Poll } from '../core/index';
import { type CallContext, callTransport } from './call';
import { now } from './clock';
import { changed, join } from './page';
import { createPoll } from './polls';
import { intervals, isEnabled, thrift } from './settings';

export type PollFunction<T = unknown> = Poll<CallContext, T>;
export type PollingManager = Manager<CallContext>;

export const manager: PollingManager = createManager<CallContext>({
  now,
  intervalOf: (given) => (given > 0 ? given : intervals(null).interval) * thrift(),
  isEnabled: () => isEnabled(null),
  begin(key, ask, settings) {
    const about = { _name: key, _origin: '', _key: () => '', _element: null, _isEnded: false };
    const poll = createPoll(settings, callTransport(ask), changed, about);
    return { loop: poll._loop, leave: join(poll, false) };
  },
});
