/** Numbers as text: ASCII, and quick to read. */
export function packed(numbers: Uint32Array | Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

/** A copy that begins where numbers of any size may begin. */
export function unpacked(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  const { buffer } = new Uint8Array(bytes);
  return buffer;
}
