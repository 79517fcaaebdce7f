// The text/event-stream format (HTML, 9.2.6 "Interpreting an event stream"), from bytes cut anywhere to events.
import { MAX_BYTES } from './http';

/** The reader of one stream. */
export interface EventStream {
  /** The last `id` that an event came with; '' before the first, and after an empty one. */
  readonly _id: string;
  /** Milliseconds the server wants us to wait before we connect again; undefined when it said nothing. */
  readonly _retry: number | undefined;
  /** The next bytes; emits every event they complete. Throws when one is larger than we are willing to hold. */
  _push(bytes: Uint8Array): void;
}

/** Calls `emit` with the event's name ('' when it has none) and its data. `id` is what the last connection ended at. */
export function createEventStream(id: string, emit: (name: string, data: string) => void): EventStream {
  // Drops a byte order mark, and keeps the first half of a character until the other one comes.
  const decoder = new TextDecoder();
  let nextId = id;
  let name = '';
  let data = '';
  /** The line that is not complete yet. */
  let rest = '';
  let endedInReturn = false;
  const stream = {
    _id: id,
    _retry: undefined as number | undefined,
    _push(bytes: Uint8Array) {
      let text = decoder.decode(bytes, { stream: true });
      if (!text) return;
      // The second half of a CRLF whose first half has already ended its line.
      if (endedInReturn && text[0] === '\n') text = text.slice(1);
      endedInReturn = text.endsWith('\r');
      const lines = text.split(/\r\n?|\n/);
      lines[0] = rest + lines[0];
      rest = lines.pop()!;
      lines.forEach(read);
      if (rest.length + data.length > MAX_BYTES) throw new Error();
    },
  };

  function read(line: string): void {
    // A comment is a field without a name.
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)!;
    if (!line) dispatch();
    else if (field === 'data') data += `${value}\n`;
    else if (field === 'event') name = value;
    else if (field === 'id' && !value.includes('\0')) nextId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) stream._retry = +value;
  }

  function dispatch(): void {
    stream._id = nextId;
    if (data) emit(name, data.slice(0, -1));
    name = data = '';
  }

  return stream;
}
