// Attributes to settings: the region's own, else the body's, else the default; clamped.
import { warn } from './debug';

/** Part of VPO's interface, hence the names. */
export const CONFIG = {
  DEFAULT_INTERVAL: 5000,
  LOG_INTERVAL: 15000,
  MIN_INTERVAL: 2000,
  MAX_INTERVAL: 60000,
};

const LONGEST_WAIT = 25;

export const attribute = (element: Element | null, name: string): string | null => {
  const own = `data-polling-${name}`;
  return element?.getAttribute(own) ?? document.body.getAttribute(own);
};

/** A setting that can't be read is said once and changes nothing. */
export const misread = (name: string, text: string | null): void =>
  warn(`data-polling-${name}="${text}": unknown`);

/** An interval within its limits; 0 for what is none. */
export const clamped = (value: number): number =>
  value > 0 ? Math.min(Math.max(value, CONFIG.MIN_INTERVAL), CONFIG.MAX_INTERVAL) : 0;

function milliseconds(element: Element | null, name: string, fallback: number): number {
  const text = attribute(element, name);
  const value = Number.parseInt(text ?? `${fallback}`, 10);
  if (value >= 0) return clamped(value) || CONFIG.MIN_INTERVAL;
  misread(name, text);
  return fallback;
}

export const isEnabled = (element: Element | null): boolean => attribute(element, 'enabled') !== 'false';

/** `interval`, `log` and `idle` of an element; a log is never asked more often than the page. */
export function intervals(element: Element | null): { interval: number; log: number; idle: number } {
  const interval = milliseconds(element, 'interval', CONFIG.DEFAULT_INTERVAL);
  const log = milliseconds(element, 'log-interval', CONFIG.LOG_INTERVAL);
  return {
    interval,
    log: log < interval ? Math.max(CONFIG.LOG_INTERVAL, interval) : log,
    idle: milliseconds(element, 'idle-interval', 30_000),
  };
}

/** Seconds that a server may be asked to hold a request; 0 = it is not asked. */
export function waitOf(element: Element | null, fallback: number): number {
  const text = attribute(element, 'wait');
  const value = Number(text ?? fallback);
  if (value >= 0) return Math.min(Math.floor(value), LONGEST_WAIT);
  misread('wait', text);
  return fallback;
}

export const matches = (query: string): boolean => !!globalThis.matchMedia?.(query).matches;

/** Phones and people who save data are asked half as often. */
export const thrift = (): number => {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData || matches('(pointer: coarse)') ? 2 : 1;
};

/** Origins that regions may poll besides the page's own, from the script tag. */
export const allowedOrigins = (): string[] =>
  (document.querySelector('script[data-vpo-origins]')?.getAttribute('data-vpo-origins') ?? '').split(
    /[\s,]+/,
  );
