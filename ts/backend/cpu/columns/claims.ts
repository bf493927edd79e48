// Rows of pieces that get their places while the pieces are read: a piece tells how many rows it has at most once its bytes
// are there, and begins where the one before it ends. Whoever reads that one has told it long before.
import type { ExecContext } from '../context.ts';
import { CREW, isHelperGone } from '../worker/crew-words.ts';

/** What the threads share. */
export interface SharedClaims {
  readonly pieces: number;
  /** Rows that there is room for. */
  readonly mostRows: number;
  /** Address of a word for each piece: the row after its last one, or -1. */
  readonly words: number;
}

const WAIT_MS = 20;

export function makeClaims(ctx: ExecContext, pieces: number, mostRows: number): SharedClaims {
  const words = ctx.arena.alloc(pieces * 4);
  ctx.heap.refresh().i32.fill(-1, words >>> 2, (words >>> 2) + pieces);
  return { pieces, mostRows, words };
}

/** Takes the places of at most `rows` rows of a piece; returns the first. */
export function claimRows(ctx: ExecContext, claims: SharedClaims, piece: number, rows: number): number {
  const at = claims.words >>> 2;
  const start = piece === 0 ? 0 : endOf(ctx, at + piece - 1);
  const end = start + rows;
  // Read again as a whole, the rows are put together from chunks.
  if (end > claims.mostRows) throw new Error(`There are more rows than the ${claims.mostRows} that were expected`);
  const { i32 } = ctx.heap.refresh();
  Atomics.store(i32, at + piece, end);
  Atomics.notify(i32, at + piece);
  return start;
}

/** What a word says when it says something. */
function endOf(ctx: ExecContext, word: number): number {
  for (;;) {
    const { i32 } = ctx.heap.refresh();
    const end = Atomics.load(i32, word);
    if (end >= 0) return end;
    ctx.control.checkAbort();
    if (Atomics.load(i32, CREW.failed) === 1 || isHelperGone(i32)) throw new Error('A piece before this one failed');
    Atomics.wait(i32, word, -1, WAIT_MS);
  }
}

/** The row after the last one of each piece, when all have claimed theirs. */
export function endsOfClaims(ctx: ExecContext, { words, pieces }: SharedClaims): number[] {
  const at = words >>> 2;
  return Array.from(ctx.heap.refresh().i32.subarray(at, at + pieces));
}
