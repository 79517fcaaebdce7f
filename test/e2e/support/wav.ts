// Small valid WAV files for the scan to read.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A mono 16-bit file of `samples` samples at 8 kHz. */
export function wav(samples = 800): Buffer {
  const data = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++) data.writeInt16LE(Math.round(8000 * Math.sin(i / 10)), i * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** Writes `count` files in nested folders below `folder`; every `damagedEvery`-th is cut off inside its header. */
export async function writeLibrary(
  folder: string,
  count: number,
  damagedEvery = 50,
  samples = 800,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const file = join(folder, `disc-${Math.floor(i / 40)}`, `track-${String(i).padStart(4, '0')}.wav`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, i % damagedEvery === damagedEvery - 1 ? wav().subarray(0, 20) : wav(samples));
  }
}
