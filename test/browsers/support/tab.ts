// What the journeys need of a browser's tab, whichever way it is driven.
export interface Tab {
  open(url: string): Promise<void>;
  /** Runs a function in the page. It must be complete in itself. */
  run<Result, Given = undefined>(script: (given: Given) => Result, given?: Given): Promise<Result>;
  click(selector: string): Promise<void>;
  press(key: 'Enter' | 'Escape' | 'Home' | 'End'): Promise<void>;
  /** Really hidden, as by another tab or a minimised window. */
  hide(): Promise<void>;
  show(): Promise<void>;
  /** What the browser says of the network; the gate is shut besides. */
  setOffline(isOffline: boolean): Promise<void>;
  back(): Promise<void>;
  end(): Promise<void>;
}
