// Attributes to settings: the region's own, else the body's, else the default; clamped.
import { warn } from './debug';

/** Part of VPO's interface, hence the names. */
export const CONFIG = {
  DEFAULT_INTERVAL: 5000,
  LOG_INTERVAL: 15000,
  MIN_INTERVAL: 2000,
  MAX_INTERVAL: 60000,
};

export const attribute = (element: Element | null, name: string): string | null =>
  element?.getAttribute(`data-polling-${name}`) ?? document.body.getAttribute(`data-polling-${name}`);

export function milliseconds(text: string | null, fallback: number): number {
  const value = Number.parseInt(text ?? '', 10);
  if (text && Number.isNaN(value)) warn(`not a number of milliseconds: ${text}`);
  return Number.isNaN(value) ? fallback : Math.min(Math.max(value, CONFIG.MIN_INTERVAL), CONFIG.MAX_INTERVAL);
}

export const isEnabled = (element: Element | null): boolean => attribute(element, 'enabled') !== 'false';

/** `interval`, `log` and `idle` of an element; a log is never asked more often than the page. */
export function intervals(element: Element | null): { interval: number; log: number; idle: number } {
  const interval = milliseconds(attribute(element, 'interval'), CONFIG.DEFAULT_INTERVAL);
  const log = milliseconds(attribute(element, 'log-interval'), 0);
  const idle = milliseconds(attribute(element, 'idle-interval'), 30_000);
  return {
    interval,
    log: log < interval ? Math.max(CONFIG.LOG_INTERVAL, interval) : log,
    idle: Math.max(idle, interval),
  };
}

/** Phones and people who save data are asked half as often. */
export const thrift = (): number => {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData || globalThis.matchMedia?.('(pointer: coarse)').matches ? 2 : 1;
};

/** `path:value,value` as in data-polling-active and data-polling-terminal. */
export function matcher(text: string): { path: string; values: string[] } {
  const [path = '', values = ''] = text.split(':');
  return { path, values: values.split(',') };
}

/** Origins that regions may poll besides the page's own, from the script tag. */
export const allowedOrigins = (): string[] =>
  (document.querySelector('script[data-vpo-origins]')?.getAttribute('data-vpo-origins') ?? '').split(
    /[\s,]+/,
  );
