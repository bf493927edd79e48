// Reads JSON Lines files: blocks of whole lines, parsed into columns by one kernel.
import { type JsonlSettings, jsonlSettings } from '../../../../source/jsonl-options.ts';
import type { ExecContext } from '../../context.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../../vector.ts';
import { exactDecimal, exactDouble, exactFloat } from '../csv/hard-values.ts';
import type { OpenFile, ScanRequest, UnitReader } from '../scanner.ts';
import { decodeBase64 } from '../text/base64.ts';
import { lineAt } from '../text/line-at.ts';
import { openText } from '../text/text-stream.ts';
import { partOf, textUnits } from '../text/text-units.ts';
import { TextWindow } from '../text/text-window.ts';
import { type JsonNode, rootNode } from './json-nodes.ts';
import { JsonState, S, STOP } from './json-state.ts';
import { badText, type JsonPlace, malformed, unexpectedNull, wrongValue } from './jsonl-errors.ts';

const LF = 10;

/** Hard numbers there is room for at first; each takes 32 bytes behind 16 of head. */
const FIRST_ANSWERS = 64;

/** Opens a JSON Lines file: one unit, or several, since every line end ends a row. */
export const openJsonl: OpenFile = (_ctx, request) => {
  const settings = jsonlSettings(request.options);
  const units = request.limit === null ? textUnits(request.bytes, settings, request.pieceBytes) : null;
  return {
    unitCount: units?.count ?? 1,
    openUnit(ctx, unit) {
      if (!units) return new JsonlReader(ctx, request, settings, false);
      const { start, end } = units.range(unit);
      return new JsonlReader(ctx, { ...request, bytes: partOf(request.bytes, start, end) }, settings, unit > 0);
    },
    close() {},
  };
};

class JsonlReader implements UnitReader {
  readonly #request: ScanRequest;
  readonly #settings: JsonlSettings;
  readonly #window: TextWindow;
  readonly #root: JsonNode;
  readonly #state: JsonState;
  readonly #blocks: number[] = [];
  /** End of the last whole line in the block. */
  #linesEnd = 0;
  #answers = 0;
  #answerRoom = 0;
  #calls = 0;
  #ordinal = 0;
  #rows = 0;

  constructor(ctx: ExecContext, request: ScanRequest, settings: JsonlSettings, isInside: boolean) {
    this.#request = request;
    this.#settings = settings;
    this.#window = new TextWindow(request.bytes.name, openText(ctx, request.bytes, settings), settings.blockBytes);
    if (isInside) this.#window.beginInside(LF);
    else this.#window.begin(ctx, false);
    this.#root = rootNode(ctx, request.columns, this.#blocks);
    this.#state = new JsonState(ctx, false);
  }

  next(ctx: ExecContext): Batch | null {
    const window = this.#window;
    const wanted = Math.min(MORSEL_ROWS, (this.#request.limit ?? Number.POSITIVE_INFINITY) - this.#rows);
    if (wanted <= 0) return null;
    const call = ++this.#calls;
    let rows = 0;
    while (rows === 0) {
      if (window.at >= this.#linesEnd && !this.#takeLines(ctx)) {
        if (!window.more(ctx, call)) return null;
        this.#linesEnd = 0;
        continue;
      }
      rows = this.#readLines(ctx, wanted);
    }
    window.hold(call);
    const columns = this.#root.children.map((node) => this.#finish(ctx, node, node.vector(ctx)));
    this.#rows += rows;
    return { length: rows, columns, ordinal: this.#ordinal++ };
  }

  /** Finds the whole lines of the block; false when there is none. */
  #takeLines(ctx: ExecContext): boolean {
    const window = this.#window;
    const text = ctx.heap.refresh().u8.subarray(window.at, window.end);
    const last = text.lastIndexOf(LF);
    if (last < 0) return false;
    this.#linesEnd = window.at + last + 1;
    if (this.#settings.encoding === 'utf8') {
      const at = ctx.kernels.get('jsonl').findInvalid(window.at, this.#linesEnd) >>> 0;
      if (at < this.#linesEnd) {
        throw badText(
          this.#place(ctx, at),
          ctx.heap.refresh().buffer.toString('utf8', at, Math.min(at + 20, window.end)),
        );
      }
    }
    return true;
  }

  /** Reads lines of the block into a new batch. Returns its rows. */
  #readLines(ctx: ExecContext, wanted: number): number {
    const window = this.#window;
    const kernels = ctx.kernels.get('jsonl');
    const root = this.#root.address;
    const from = window.at;
    this.#root.begin(ctx, Math.min(wanted, kernels.countLines(window.at, this.#linesEnd)));
    this.#state.begin(ctx);
    let rows = 0;
    for (;;) {
      rows = kernels.readLines(this.#state.address, root, window.at, this.#linesEnd, wanted);
      const next = this.#state.get(ctx, S.next);
      if (next !== window.at) this.#state.set(ctx, S.answers, 0);
      window.at = next;
      const stop = this.#state.get(ctx, S.stop);
      if (stop === STOP.end) break;
      if (stop === STOP.grow) this.#root.find(this.#state.get(ctx, S.node))?.grow(ctx);
      else if (stop === STOP.side) this.#state.makeSide(ctx, this.#linesEnd - window.at);
      else if (stop === STOP.hard) this.#answer(ctx);
      else if (stop === STOP.mismatch) throw this.#wrongValue(ctx);
      else rows = this.#malformedLine(ctx);
    }
    window.taken(rows, window.at - from);
    return rows;
  }

  /** Does what was asked for with a line that is not JSON; returns the rows held. */
  #malformedLine(ctx: ExecContext): number {
    const window = this.#window;
    if (this.#settings.malformed === 'error') {
      const at = this.#state.get(ctx, S.at);
      const lineEnd = ctx.heap.buffer.indexOf(LF, at);
      const rest = ctx.heap.buffer.toString('utf8', at, Math.min(lineEnd, at + 80)).replace(/\r$/, '');
      throw malformed(this.#place(ctx, at), this.#state.get(ctx, S.code), rest);
    }
    if (this.#settings.malformed === 'null') {
      while (ctx.kernels.get('jsonl').writeNullRow(this.#state.address, this.#root.address) === 0)
        this.#root.find(this.#state.get(ctx, S.node))?.grow(ctx);
    }
    window.at = ctx.heap.refresh().buffer.indexOf(LF, window.at) + 1;
    return 0;
  }

  /** Reads a number that the kernel cannot, for the row's next try. */
  #answer(ctx: ExecContext): void {
    const node = this.#root.find(this.#state.get(ctx, S.node));
    const type = node?.field.type;
    const text = ctx.heap.buffer.toString('latin1', this.#state.get(ctx, S.from), this.#state.get(ctx, S.to));
    const slot = this.#answerSlot(ctx);
    const { u32, f32, f64, i64 } = ctx.heap;
    if (type?.dtype === 'Decimal') {
      const value = exactDecimal(text, '.', type.precision, type.scale);
      if (typeof value !== 'bigint') throw this.#wrongValue(ctx, value === null ? 3 : 1);
      i64[(slot + 16) >>> 3] = BigInt.asIntN(64, value);
      i64[(slot + 24) >>> 3] = value >> 64n;
    } else {
      const value = type?.dtype === 'Float32' ? exactFloat(text, '.') : exactDouble(text, '.');
      if (value === undefined) throw this.#wrongValue(ctx, 1);
      if (type?.dtype === 'Float32') f32[(slot + 16) >>> 2] = value;
      else f64[(slot + 16) >>> 3] = value;
    }
    u32[slot >>> 2] = this.#state.get(ctx, S.at);
    u32[this.#answers >>> 2] = (u32[this.#answers >>> 2] as number) + 1;
  }

  /** Room for one more answer. */
  #answerSlot(ctx: ExecContext): number {
    if (this.#answerRoom === 0) {
      this.#answerRoom = FIRST_ANSWERS;
      this.#answers = ctx.arena.alloc(16 + 32 * FIRST_ANSWERS);
    }
    if (this.#state.get(ctx, S.answers) === 0) ctx.heap.u32[this.#answers >>> 2] = 0;
    const count = ctx.heap.refresh().u32[this.#answers >>> 2] as number;
    if (count === this.#answerRoom) {
      this.#answers = ctx.arena.grow(ctx.heap, this.#answers, 16 + 32 * count, 16 + 64 * count);
      this.#answerRoom *= 2;
    }
    this.#state.set(ctx, S.answers, this.#answers);
    return this.#answers + 16 + 32 * count;
  }

  #wrongValue(ctx: ExecContext, code = this.#state.get(ctx, S.code)): Error {
    const node = this.#root.find(this.#state.get(ctx, S.node)) as JsonNode; // the kernel was given this tree
    const text = ctx.heap.buffer.toString('utf8', this.#state.get(ctx, S.from), this.#state.get(ctx, S.to));
    return wrongValue(this.#place(ctx, this.#state.get(ctx, S.at)), node, text, code);
  }

  #place(ctx: ExecContext, address: number): JsonPlace {
    const { bytes } = this.#request;
    const line = lineAt(ctx, bytes, this.#settings, this.#window.offsetOf(address), LF);
    const { buffer } = ctx.heap.refresh();
    let start = address;
    while (start > this.#window.at && buffer[start - 1] !== LF) start--;
    return { path: bytes.name, line, position: [...buffer.toString('utf8', start, address)].length + 1 };
  }

  /** Decodes binary values and checks declared nulls, all the way down. */
  #finish(ctx: ExecContext, node: JsonNode, v: Vector): Vector {
    const path = this.#request.bytes.name;
    if (!node.field.nullable && v.validity !== 0 && v.type.dtype !== 'Null') {
      const { u8 } = ctx.heap.refresh();
      let row = 0;
      while (((u8[v.validity + (row >>> 3)] as number) >> (row & 7)) & 1) row++;
      throw unexpectedNull(path, this.#rows + row + 1, node);
    }
    if (v.type.dtype === 'Binary') return decodeBase64(ctx, v, path, node.path);
    if (!v.children) return v;
    return { ...v, children: node.children.map((child, i) => this.#finish(ctx, child, v.children?.[i] as Vector)) };
  }

  close(ctx: ExecContext): void {
    this.#window.close(ctx);
    for (const address of this.#blocks) ctx.arena.free(address);
    this.#state.free(ctx);
    if (this.#answers !== 0) ctx.arena.free(this.#answers);
  }
}
