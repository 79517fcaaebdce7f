/** Bytes after brotli at its best setting. */
export function brotli(bytes: Uint8Array): number;
