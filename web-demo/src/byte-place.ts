import { envelopeParts } from './envelope-parts.ts';

/** A byte of an envelope of this many bytes in words: its number, from 1, in the part where it lies. */
export function bytePlace(offset: number, length: number): string {
  const part = envelopeParts(length).find(({ start, end }) => start <= offset && offset < end);
  return part === undefined ? `byte ${offset + 1}` : `byte ${offset - part.start + 1} of the ${part.name}`;
}
