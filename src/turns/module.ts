// For people who bundle: the same three functions, beside the runtime that they import anyway.
import { tools } from '../browser/index';
import { createTurns } from './index';

export * from './index';
export const { turn, documents, record } = createTurns(tools);
