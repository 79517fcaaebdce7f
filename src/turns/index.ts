// Turns of agents and files of projects, for pages and for scripts: what is here needs the page's script beside it.
import type { Tools } from '../browser/tools';
import { converse } from './conversation';
import { type DocumentsOptions, documents, type ProjectFiles } from './documents';
import { createRecord, type LiveRecord } from './record';
import { growTree } from './tree';
import { type Turn, type TurnOptions, turn } from './turn';

export type { ChangeType, DocumentChange, DocumentsOptions, ProjectFile, ProjectFiles } from './documents';
export type { LiveRecord } from './record';
export type { Block, Turn, TurnOptions, TurnStatus } from './turn';

export interface Turns {
  /** Follows a turn until it ends. Throws a TypeError for a URL that may not be polled. */
  turn<T extends object = Turn>(options: TurnOptions<T>): LiveRecord<T>;
  /** Follows the files of a project. Throws a TypeError for a URL that may not be polled. */
  documents(options: DocumentsOptions): LiveRecord<ProjectFiles>;
  /** The record that a region of the page shows. */
  record<T extends object>(region: Element): LiveRecord<T>;
}

export const createTurns = (tools: Tools): Turns => ({
  turn: (options) => turn(tools, options),
  documents: (options) => documents(tools, options),
  record: (region) => createRecord(tools, region, {}),
});

/** What the attributes of a page ask for. */
export function enliven(signal: AbortSignal): void {
  document.addEventListener('vpo:data', growTree as EventListener, { signal });
  converse(signal);
}
