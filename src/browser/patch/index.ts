export type { ViewContext } from './context';
export { FORMATTERS } from './formatters';
export { parsePath, read } from './path';
export { createTicker, type Ticker } from './ticker';
export { createView, type PaintReport, type View } from './view';
