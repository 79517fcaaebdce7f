// What a command reads and writes, kept.
import type { Io } from '../../../src/watch/cli/io';

export class FakeIo implements Io {
  printed = '';
  said = '';
  readonly out = {
    write: (text: string) => {
      this.printed += text;
    },
  } as unknown as NodeJS.WriteStream;
  readonly err = {
    write: (text: string) => {
      this.said += text;
    },
  };
  constructor(readonly env: Readonly<Record<string, string | undefined>> = {}) {}

  get lines(): string[] {
    return this.printed.trimEnd().split('\n');
  }
}
