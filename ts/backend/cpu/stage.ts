// The part of a pipeline that several threads run alike: pieces of the sources, through the operators that may be copied,
// into a target of each thread's own.
import { type Chain, chainSteps, timed } from './chain.ts';
import type { ExecContext, Team } from './context.ts';
import type { Emit, Pieces, PlacedPieces, Shared } from './pipeline.ts';
import { placedOf } from './place-rows.ts';
import type { Pipeline, Step } from './planner.ts';

/** What helpers are told. */
export interface StageJob {
  readonly request: Team['request'];
  readonly pipeline: number;
  /** Shared steps that all threads run. */
  readonly cut: number;
  /** Units are handed over in order, for the engine thread to go on with. */
  readonly isOrdered: boolean;
  /** Pieces of a unit, and units in all. */
  readonly unit: number;
  readonly units: number;
  /** Units that may be done ahead of the one that the engine thread waits for. */
  readonly ahead: number;
  /** Of each input's source. */
  readonly sources: readonly Shared[];
  /** Of every step of the stage, input by input and then the shared ones. */
  readonly steps: readonly Shared[];
  readonly sink: Shared;
}

/** What a helper has to say at the end. */
export interface StageReply {
  readonly isAborted?: boolean;
  readonly error?: import('../../errors.ts').ErrorJson;
  /** Rows and milliseconds of every report of the plan. */
  readonly reports: readonly (readonly [rows: number, ms: number])[];
  readonly steps: readonly Shared[];
  readonly sink: Shared;
  readonly regions: readonly import('./memory/arena.ts').HandedRegion[];
}

/** The steps of a stage. */
export const stageSteps = (pipeline: Pipeline, cut: number): Step[] => [
  ...pipeline.inputs.flatMap((i) => i.steps),
  ...pipeline.steps.slice(0, cut),
];

/** Shared steps that several threads could run: those before the first that must see all rows. */
export function sharedSteps(pipeline: Pipeline): number {
  const first = pipeline.steps.findIndex((s) => !s.operator.threads);
  return first < 0 ? pipeline.steps.length : first;
}

/** Pieces of a unit where units are handed over in order. It depends on the pipeline and its data, not on threads. */
export function unitOf(pipeline: Pipeline, count: number, rows: number): number {
  const wanted = pipeline.steps.slice(0, sharedSteps(pipeline)).map((s) => s.operator.unit?.(count, rows) ?? 1);
  return Math.max(1, ...wanted);
}

/** One thread's run of a stage. */
export class Stage {
  readonly count: number;
  readonly #ctx: ExecContext;
  readonly #pipeline: Pipeline;
  readonly #sources: readonly Pieces[];
  readonly #chains: readonly Chain[];
  readonly #shared: Chain;
  readonly #steps: number;
  readonly #begin: (piece: number) => void;
  #placed: PlacedPieces | null = null;

  /** `begin` is told of every piece before its first batch. */
  constructor(
    ctx: ExecContext,
    pipeline: Pipeline,
    sources: readonly Pieces[],
    cut: number,
    begin: (piece: number) => void,
    target: Emit,
  ) {
    this.#ctx = ctx;
    this.#pipeline = pipeline;
    this.#sources = sources;
    this.#begin = begin;
    this.#steps = cut;
    this.#shared = chainSteps(ctx, pipeline.steps.slice(0, cut), target);
    this.#chains = pipeline.inputs.map((input) => chainSteps(ctx, input.steps, this.#shared.emit));
    this.count = sources.reduce((sum, s) => sum + s.count, 0);
  }

  /** Passes all batches of one piece; pieces are counted through all sources. */
  run(piece: number): void {
    const ctx = this.#ctx;
    let input = 0;
    let local = piece;
    while (local >= this.#sources[input]!.count) local -= this.#sources[input++]!.count;
    const { report } = this.#pipeline.inputs[input]!;
    const { emit } = this.#chains[input]!;
    this.#begin(piece);
    const { into } = this.#pipeline.sink;
    if (into) {
      this.#placed ??= placedOf(this.#pipeline, this.#sources);
      report.rows += timed(report, () => this.#placed!.read(ctx, local, into));
      ctx.scratch.reset();
      return;
    }
    const source = timed(report, () => this.#sources[input]!.open(ctx, local));
    try {
      for (;;) {
        ctx.control.checkAbort();
        const batch = timed(report, () => source.next(ctx));
        if (!batch) break;
        report.rows += batch.length;
        emit(batch);
        ctx.scratch.reset();
      }
    } finally {
      source.close(ctx);
    }
    ctx.scratch.reset();
  }

  /** Passes all batches of a unit of pieces. */
  runUnit(unit: number, pieces: number): void {
    const end = Math.min((unit + 1) * pieces, this.count);
    for (let piece = unit * pieces; piece < end; piece++) this.run(piece);
    this.#shared.endUnit(this.#steps);
    this.#ctx.scratch.reset();
  }

  /** What operators still have after the last piece: on the engine thread, when it has all parts. */
  finish(): void {
    for (const chain of this.#chains) chain.finish(0);
    this.#shared.finish(0);
  }
}
