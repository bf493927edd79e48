// The block of numbers through which the JSON kernels are told and tell things.
import type { ExecContext } from '../../context.ts';
import { powersInHeap } from '../text/powers.ts';

// As in wasm/_json.ts.
const STATE_BYTES = 128;
export const S = {
  stop: 0,
  at: 4,
  node: 8,
  from: 12,
  to: 16,
  code: 20,
  next: 24,
  powers: 28,
  side: 32,
  sideUsed: 36,
  answers: 40,
  strict: 44,
} as const;

/** Why a kernel stopped. */
export const STOP = { end: 0, grow: 1, side: 2, malformed: 3, mismatch: 4, hard: 5, unknown: 6 } as const;

export class JsonState {
  readonly address: number;
  readonly #powers: number;

  /** `strict`: the kernel stops at keys that no node is named after. */
  constructor(ctx: ExecContext, strict: boolean) {
    this.#powers = powersInHeap(ctx);
    this.address = ctx.arena.alloc(STATE_BYTES);
    ctx.heap.refresh().u8.fill(0, this.address, this.address + STATE_BYTES);
    this.set(ctx, S.powers, this.#powers);
    this.set(ctx, S.strict, strict ? 1 : 0);
  }

  get(ctx: ExecContext, offset: number): number {
    return ctx.heap.refresh().u32[(this.address + offset) >>> 2] as number;
  }

  set(ctx: ExecContext, offset: number, value: number): void {
    ctx.heap.refresh().u32[(this.address + offset) >>> 2] = value;
  }

  /** Before a new batch: no room for unescaped text yet. */
  begin(ctx: ExecContext): void {
    this.set(ctx, S.side, 0);
    this.set(ctx, S.sideUsed, 0);
  }

  /** Room for the unescaped text of so many bytes, which is never longer. */
  makeSide(ctx: ExecContext, bytes: number): void {
    this.set(ctx, S.side, ctx.scratch.alloc(bytes + 64));
  }

  free(ctx: ExecContext): void {
    ctx.arena.free(this.address);
    ctx.arena.free(this.#powers);
  }
}
