// The engine thread's side of a stage: it tells the helpers, takes units like them, and brings the parts together.
import { DeviceError, errorFromJson } from '../../errors.ts';
import { abortMarker } from './abort.ts';
import { chainSteps, sinkOf } from './chain.ts';
import type { ExecContext, Team } from './context.ts';
import { type RegionPool, regionBytes } from './memory/regions.ts';
import type { Pieces } from './pipeline.ts';
import { aimSteps, placeRows } from './place-rows.ts';
import type { PhysicalPlan, Pipeline } from './planner.ts';
import { Stage, type StageJob, type StageReply, sharedSteps, stageSteps, unitOf } from './stage.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import { feedUnit, takeUnit, UnitOutput, type UnitRows } from './unit-rows.ts';
import { jsonBytes, readJson } from './worker/control.ts';
import { CREW, closeJob, isHelperGone, JOB, openJob, replyWord, SLOTS, slotWord } from './worker/crew-words.ts';

const WAIT_MS = 20;

/** How many of the shared steps several threads are to run; null when the pipeline is better run by one. */
export function whereToCut(ctx: ExecContext, pipeline: Pipeline, pieces: readonly (Pieces | null)[]): number | null {
  if (!ctx.team || ctx.team.helpers === 0 || pipeline.sink.waits || !canShare(pieces)) return null;
  if (ctx.spill && !ctx.spill.hasRoomForHelpers) return null;
  const rows = pieces.reduce((sum, p) => sum + p.rows, 0);
  const count = pieces.reduce((sum, p) => sum + p.count, 0);
  if (rows < (ctx.tuning ?? DEFAULT_TUNING).minRows || count < 2) return null;
  const all = [...pipeline.inputs.flatMap((i) => i.steps), ...pipeline.steps];
  if (all.some((s) => s.operator.stops || s.operator.done?.()) || pipeline.sink.done?.()) return null;
  if (pipeline.inputs.some((i) => i.steps.some((s) => !s.operator.threads))) return null;
  const cut = sharedSteps(pipeline);
  if (cut === pipeline.steps.length && pipeline.sink.threads) return cut;
  // Handing rows over costs a copy: only for work that is worth it.
  const works = cut > 0 || pipeline.inputs.some((i) => i.steps.length > 0) || pieces.some((p) => p.isCostly);
  return works ? cut : null;
}

/** Whether other threads can read all sources. */
const canShare = (pieces: readonly (Pieces | null)[]): pieces is readonly Pieces[] =>
  pieces.every((p) => p?.share !== undefined);

/** Runs a pipeline with the team's help. */
export function runShared(
  ctx: ExecContext,
  plan: PhysicalPlan,
  number: number,
  pieces: readonly (Pieces | null)[],
  cut: number,
): void {
  if (!canShare(pieces)) return;
  const pipeline = plan.pipelines[number]!;
  const { sink } = pipeline;
  const isOrdered = cut < pipeline.steps.length || !sink.threads;
  const run = new SharedRun(ctx, plan, number, pieces, cut, isOrdered);
  sink.expect?.(
    run.count,
    pieces.reduce((sum, p) => sum + p.rows, 0),
  );
  if (isOrdered) run.inOrder();
  else run.toParts();
}

class SharedRun {
  readonly count: number;
  readonly #ctx: ExecContext;
  readonly #team: Team;
  readonly #plan: PhysicalPlan;
  readonly #number: number;
  readonly #pipeline: Pipeline;
  readonly #pieces: readonly Pieces[];
  readonly #cut: number;
  readonly #isOrdered: boolean;

  constructor(
    ctx: ExecContext,
    plan: PhysicalPlan,
    number: number,
    pieces: readonly Pieces[],
    cut: number,
    isOrdered: boolean,
  ) {
    this.#ctx = ctx;
    this.#team = ctx.team!;
    this.#plan = plan;
    this.#number = number;
    this.#pipeline = plan.pipelines[number]!;
    this.#pieces = pieces;
    this.#cut = cut;
    this.#isOrdered = isOrdered;
    this.count = pieces.reduce((sum, p) => sum + p.count, 0);
  }

  /** Every thread has a sink of its own; ours takes the parts of the others. */
  toParts(): void {
    const ctx = this.#ctx;
    const { sink } = this.#pipeline;
    const begin = (piece: number): void => sink.begin?.(ctx, piece);
    placeRows(ctx, this.#pipeline, this.#pieces);
    aimSteps(this.#pipeline);
    const stage = new Stage(ctx, this.#pipeline, this.#pieces, this.#cut, begin, sinkOf(ctx, this.#pipeline));
    const threads = sink.threads!;
    let piece = 0;
    if (threads.wantsSample) stage.run(piece++);
    const unit = threads.unit();
    const units = Math.ceil(this.count / unit);
    const rest = (from: number, to: number): void => {
      for (let p = from; p < to; p++) stage.run(p);
    };
    const replies = this.#withHelpers({ unit, units, first: piece > 0 ? 1 : 0, ahead: units }, () => {
      if (piece > 0) rest(piece, Math.min(unit, this.count));
      const i32 = ctx.heap.refresh().i32;
      while (Atomics.load(i32, CREW.failed) === 0) {
        const u = Atomics.add(i32, CREW.next, 1);
        if (u >= units) return;
        rest(u * unit, Math.min((u + 1) * unit, this.count));
      }
    });
    for (const reply of replies) threads.merge(ctx, reply.sink);
    begin(this.count);
    stage.finish();
  }

  /** Units come back in order, as rows, and this thread runs the rest of the pipeline. */
  inOrder(): void {
    const ctx = this.#ctx;
    const { sink, steps } = this.#pipeline;
    const { pool, helpers } = this.#team;
    placeRows(ctx, this.#pipeline, this.#pieces, true);
    const rest = chainSteps(ctx, steps.slice(this.#cut), sinkOf(ctx, this.#pipeline));
    const output = new UnitOutput(ctx, pool);
    const stage = new Stage(ctx, this.#pipeline, this.#pieces, this.#cut, () => {}, output.push);
    const rows = this.#pieces.reduce((sum, p) => sum + p.rows, 0);
    const pieces = unitOf(this.#pipeline, this.count, rows);
    const units = Math.ceil(this.count / pieces);
    const ahead = Math.min(SLOTS, 2 * (helpers + 1));
    const done = new Map<number, UnitRows>();
    const feed = (unit: number, made: UnitRows): void => {
      sink.begin?.(ctx, unit);
      feedUnit(ctx, made, rest.emit);
      for (const [address, bytes] of made.regions) pool.release({ address, bytes });
    };
    const work = (): void => {
      const i32 = ctx.heap.refresh().i32;
      for (let next = 0; next < units && Atomics.load(i32, CREW.failed) === 0; ) {
        const made = done.get(next) ?? takeSlot(ctx, pool, next);
        if (made) {
          done.delete(next);
          feed(next++, made);
          Atomics.store(i32, CREW.consumed, next);
          Atomics.notify(i32, CREW.consumed);
          continue;
        }
        const unit = takeUnit(i32, units, ahead);
        if (unit !== null) {
          output.start();
          stage.runUnit(unit, pieces);
          done.set(unit, output.end());
        } else if (isHelperGone(i32)) return;
        else {
          ctx.control.checkAbort();
          Atomics.wait(i32, slotWord(next), 0, WAIT_MS);
        }
      }
    };
    this.#withHelpers({ unit: pieces, units, first: 0, ahead }, work);
    // What the copied operators still have is one more unit.
    output.start();
    stage.finish();
    feed(units, output.end());
    rest.finish(0);
    ctx.scratch.reset();
  }

  /** Opens the stage to the helpers, does this thread's work, and waits for theirs. */
  #withHelpers(
    { unit, units, first, ahead }: { unit: number; units: number; first: number; ahead: number },
    work: () => void,
  ): StageReply[] {
    const ctx = this.#ctx;
    const { heap } = ctx;
    const { helpers, pool, request } = this.#team;
    const steps = stageSteps(this.#pipeline, this.#cut);
    const { reports } = this.#plan;
    const job: StageJob = {
      request,
      pipeline: this.#number,
      cut: this.#cut,
      isOrdered: this.#isOrdered,
      unit,
      units,
      ahead,
      sources: this.#pieces.map((p) => p.share!(ctx)),
      steps: steps.map((s) => s.operator.threads!.share?.(ctx) ?? null),
      sink: this.#isOrdered ? null : (this.#pipeline.sink.threads!.share?.(ctx) ?? null),
    };
    const text = jsonBytes(job);
    const block = ctx.arena.alloc(text.length);
    heap.refresh().u8.set(text, block);
    const words = heap.i32;
    for (let n = 0; n < helpers; n++) Atomics.store(words, replyWord(n) + 1, 0);
    for (let n = 0; n < SLOTS; n++) Atomics.store(words, slotWord(n), 0);
    const before = reports.map((r) => r.ms);
    pool.share();
    let failure: unknown = null;
    openJob(heap, { kind: JOB.stage, helpers, count: units, first, table: block, length: text.length });
    try {
      work();
    } catch (error) {
      failure = error;
      Atomics.store(words, CREW.failed, 1);
      Atomics.notify(words, CREW.consumed);
    }
    const died = closeJob(heap, helpers);
    heap.catchUp();
    if (died) {
      pool.abandon();
      throw new DeviceError('ERR_ENGINE_DIED', 'A helper thread died in the middle of the query. Run it again.');
    }
    pool.unshare();
    ctx.arena.free(block);
    const replies = this.#replies();
    for (const reply of replies) ctx.arena.adopt(reply.regions);
    if (failure !== null) throw failure;
    const failed = replies.find((r) => r.error);
    if (failed) throw errorFromJson(failed.error!);
    if (replies.some((r) => r.isAborted)) throw abortMarker();
    reports.forEach((report, i) => {
      const spent = replies.reduce((sum, r) => sum + r.reports[i]![1], report.ms - before[i]!);
      report.ms = before[i]! + spent / (1 + replies.length);
      for (const r of replies) report.rows += r.reports[i]![0];
    });
    steps.forEach((s, i) => {
      for (const reply of replies) s.operator.threads!.merge?.(ctx, reply.steps[i]);
    });
    return replies;
  }

  #replies(): StageReply[] {
    const { heap } = this.#ctx;
    const words = heap.refresh().i32;
    const replies: StageReply[] = [];
    for (let n = 0; n < this.#team.helpers; n++) {
      const length = Atomics.load(words, replyWord(n) + 1);
      if (length === 0) continue;
      const address = Atomics.load(words, replyWord(n)) >>> 0;
      replies.push(readJson<StageReply>(heap, address, length));
      this.#team.pool.release({ address, bytes: regionBytes(length) });
    }
    return replies;
  }
}

/** The rows of a unit that a helper has put in its slot, or null. */
function takeSlot(ctx: ExecContext, pool: RegionPool, unit: number): UnitRows | null {
  const words = ctx.heap.refresh().i32;
  const at = slotWord(unit);
  if (Atomics.load(words, at) === 0) return null;
  const address = Atomics.load(words, at + 1) >>> 0;
  const length = Atomics.load(words, at + 2);
  const rows = readJson<UnitRows>(ctx.heap, address, length);
  const { u8 } = ctx.heap.refresh();
  if (rows.regions.some(([from, bytes]) => from + bytes > u8.length)) ctx.heap.catchUp();
  pool.release({ address, bytes: regionBytes(length) });
  Atomics.store(words, at, 0);
  return rows;
}
