// A helper's side of a stage: the request's plan is planned here as on the engine thread, and the same pipeline run over
// the units that this thread takes.
import { errorToJson } from '../../../errors.ts';
import { abortMarker, isAbortMarker } from '../abort.ts';
import { sinkOf } from '../chain.ts';
import type { ExecContext } from '../context.ts';
import type { Kernels } from '../kernels.ts';
import { Arena, Scratch } from '../memory/arena.ts';
import type { Heap } from '../memory/heap.ts';
import { SharedRegions } from '../memory/shared-regions.ts';
import type { Pieces, Source } from '../pipeline.ts';
import { aimSteps } from '../place-rows.ts';
import type { PhysicalPlan } from '../planner.ts';
import { planRequest } from '../query.ts';
import { Stage, type StageJob, type StageReply, stageSteps } from '../stage.ts';
import { takeUnit, UnitOutput } from '../unit-rows.ts';
import { addRows, jsonBytes, readJson, recordGrown, WORD } from './control.ts';
import { CREW, replyWord, slotWord } from './crew-words.ts';
import type { ExecuteRequest } from './protocol.ts';
import { openHeapBytes, openLocalFile } from './sync-files.ts';

const WAIT_MS = 20;

/** Runs stages on helper `number`. */
export function createStageHelper(heap: Heap, kernels: Kernels, number: number): (text: string) => void {
  /** The plan of the last request; operators are used for one pipeline each. */
  let known: { seq: number; spills: boolean; request: ExecuteRequest; plan: PhysicalPlan } | null = null;
  return (text) => {
    const job = JSON.parse(text) as StageJob;
    const { seq, address, length, spills } = job.request;
    heap.catchUp();
    const memory = new SharedRegions(heap, (region) => recordGrown(heap, region));
    const arena = new Arena(memory);
    arena.onFreeRegion = (region) => memory.release(region);
    const words = (): Int32Array => heap.refresh().i32;
    const put = (json: unknown): [address: number, length: number] => {
      const bytes = jsonBytes(json);
      // The engine thread gives it back.
      const region = memory.take(bytes.length, false);
      heap.refresh().u8.set(bytes, region.address);
      return [region.address, bytes.length];
    };
    let reply: StageReply;
    const nothing = { reports: [], steps: [], sink: null, regions: [] };
    const sources: Source[] = [];
    let closeAll = (): void => {};
    try {
      if (known?.seq !== seq || known.spills !== spills) {
        const request = readJson<ExecuteRequest>(heap, address, length);
        known = { seq, spills, request, plan: planRequest(request, spills) };
      }
      const { request, plan } = known;
      const ctx: ExecContext = {
        heap,
        kernels,
        arena,
        scratch: new Scratch(arena),
        tuning: request.tuning,
        control: {
          checkAbort() {
            const now = words();
            if (Atomics.load(now, WORD.abort) === seq || Atomics.load(now, CREW.failed) === 1) throw abortMarker();
          },
          progress: (rows) => addRows(heap, rows),
          open(source) {
            if (source.kind === 'file') return openLocalFile(heap, source);
            if (source.kind === 'bytes') return openHeapBytes(heap, request.bytes[source.id]!);
            throw new Error('A helper has no way to URLs');
          },
        },
      };
      closeAll = () => {
        for (const source of sources.splice(0)) source.close(ctx);
        ctx.scratch.release();
      };
      const before = plan.reports.map((r): [number, number] => [r.rows, r.ms]);
      const pipeline = plan.pipelines[job.pipeline]!;
      const pieces = pipeline.inputs.map((input, i): Pieces => {
        const source = input.restore(ctx, job.sources[i]);
        sources.push(source);
        return source.pieces!(ctx)!;
      });
      const steps = stageSteps(pipeline, job.cut);
      steps.forEach((s, i) => {
        s.operator.threads!.restore?.(ctx, job.steps[i]);
      });
      const { sink } = pipeline;
      if (job.isOrdered) {
        const output = new UnitOutput(ctx, memory);
        const stage = new Stage(ctx, pipeline, pieces, job.cut, () => {}, output.push);
        while (!isOver(words())) {
          const unit = takeUnit(words(), job.units, job.ahead);
          if (unit === null) {
            const now = words();
            if (Atomics.load(now, CREW.next) >= job.units) break;
            Atomics.wait(now, CREW.consumed, Atomics.load(now, CREW.consumed), WAIT_MS);
            continue;
          }
          output.start();
          stage.runUnit(unit, job.unit);
          const [at, bytes] = put(output.end());
          const now = words();
          Atomics.store(now, slotWord(unit) + 1, at | 0);
          Atomics.store(now, slotWord(unit) + 2, bytes);
          Atomics.store(now, slotWord(unit), 1);
          Atomics.notify(now, slotWord(unit));
        }
      } else {
        const threads = sink.threads!;
        threads.restore?.(ctx, job.sink);
        aimSteps(pipeline);
        const begin = (piece: number): void => sink.begin?.(ctx, piece);
        const stage = new Stage(ctx, pipeline, pieces, job.cut, begin, sinkOf(ctx, pipeline));
        while (!isOver(words())) {
          const unit = Atomics.add(words(), CREW.next, 1);
          if (unit >= job.units) break;
          const end = Math.min((unit + 1) * job.unit, stage.count);
          for (let piece = unit * job.unit; piece < end; piece++) stage.run(piece);
        }
      }
      const parts = steps.map((s) => s.operator.threads!.part?.(ctx) ?? null);
      const part = job.isOrdered ? null : sink.threads!.part(ctx);
      closeAll();
      reply = {
        reports: plan.reports.map((r, i) => [r.rows - before[i]![0], r.ms - before[i]![1]] as const),
        steps: parts,
        sink: part,
        regions: arena.handOver(),
      };
    } catch (error) {
      Atomics.store(words(), CREW.failed, 1);
      closeAll();
      const what = isAbortMarker(error) ? { isAborted: true } : { error: errorToJson(error) };
      reply = { ...nothing, ...what, regions: arena.handOver() };
      // Operators may be half done.
      known = null;
    }
    const [at, bytes] = put(reply);
    Atomics.store(words(), replyWord(number), at | 0);
    Atomics.store(words(), replyWord(number) + 1, bytes);
  };
}

/** Whether the work was given up. */
const isOver = (words: Int32Array): boolean => Atomics.load(words, CREW.failed) === 1;
