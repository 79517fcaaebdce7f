// What a command is given of its surroundings.
export interface Io {
  readonly out: NodeJS.WriteStream;
  readonly err: { write(text: string): void };
  readonly env: Readonly<Record<string, string | undefined>>;
}
