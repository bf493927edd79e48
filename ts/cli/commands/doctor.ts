// warpframe doctor: what of the native parts was found here, what was refused and why, and how to mend it.
import os from 'node:os';
import { parseArgs } from 'node:util';
import type { BackendInfo } from '../../backend/backend.ts';
import { type AddonReport, type GpuReport, inspectGpu } from '../../native/gpu.ts';
import { RUNTIME_RELEASE } from '../../native/runtime-files.ts';
import type { RuntimeReport } from '../../native/runtime-search.ts';
import { type XgboostStatus, xgboostStatus } from '../../native/xgboost.ts';
import { bytesText } from '../../report/numbers.ts';
import { backendInfos } from '../../runner/runner.ts';
import type { Command } from '../main.ts';

interface Examination {
  readonly system: Readonly<Record<string, string>>;
  readonly cpu: BackendInfo | undefined;
  readonly gpu: GpuReport;
  readonly xgboost: XgboostStatus;
}

export const doctor: Command = {
  summary: 'says what native code was found, refused, and why',
  usage: 'warpframe doctor [--json]',
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    const found: Examination = {
      system: systemOf(),
      cpu: (await backendInfos()).find((b) => b.name === 'cpu'),
      gpu: await inspectGpu({ thorough: true }),
      xgboost: await xgboostStatus(),
    };
    if (values.json) return `${JSON.stringify(plain(found), null, 2)}\n`;
    return text(found, paint(process.stdout.isTTY === true && !process.env.NO_COLOR));
  },
};

function systemOf(): Record<string, string> {
  const header = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    ...(header.glibcVersionRuntime === undefined ? {} : { glibc: header.glibcVersionRuntime }),
    system: `${os.type()} ${os.release()}`,
  };
}

/** Without the addon's functions. */
function plain({ gpu, ...rest }: Examination): object {
  if (gpu.engine === null) return { ...rest, gpu };
  const { addon, description, ...engine } = gpu.engine;
  const { functions, ...library } = description;
  return { ...rest, gpu: { ...gpu, engine: { ...engine, ...library } } };
}

type Mark = 'good' | 'bad' | 'none';
interface Paint {
  readonly bold: (s: string) => string;
  readonly dim: (s: string) => string;
  readonly mark: (m: Mark) => string;
}

function paint(enabled: boolean): Paint {
  const code = (n: number) => (s: string) => (enabled ? `\x1b[${n}m${s}\x1b[0m` : s);
  const marks = { good: code(32)('✓'), bad: code(31)('✗'), none: code(2)('·') };
  return { bold: code(1), dim: code(2), mark: (m) => marks[m] };
}

const INDENT = 4;

function text({ system, cpu, gpu, xgboost }: Examination, p: Paint): string {
  const row = (mark: Mark, title: string, about: string): string[] => {
    const [first = '', ...more] = about.split('\n');
    const say = mark === 'none' ? p.dim : (s: string) => s;
    return [
      `  ${p.mark(mark)} ${say(title)}`,
      ...[first, ...more].filter((line) => line !== '').map((line) => `${' '.repeat(INDENT)}${p.dim(line)}`),
    ];
  };
  const lines = [
    `${p.bold('warpframe doctor')}  ${p.dim(
      Object.entries(system)
        .map(([k, v]) => (k === 'system' ? v : `${k} ${v}`))
        .join(' · '),
    )}`,
    '',
    p.bold('Engines'),
    ...row(cpu?.available ? 'good' : 'bad', 'cpu', cpu?.reason ?? ''),
    ...(gpu.engine
      ? row('good', gpu.engine.device.host ? 'cuda: host-cudf, not a GPU' : 'cuda', engineText(gpu.engine))
      : row('bad', 'cuda', `${gpu.reason}. Plans run on the cpu engine.`)),
    xgboost.available
      ? `  ${p.mark('good')} boosted trees by libxgboost ${xgboost.version}`
      : `  ${p.mark('none')} boosted trees by our own kernels: no libxgboost`,
    ...(xgboost.available ? [`${' '.repeat(INDENT)}${p.dim(xgboost.library ?? '')}`] : []),
    '',
    p.bold('Builds of the addon with CUDA'),
    ...gpu.addons.flatMap((a) =>
      row(a.refused === null ? 'good' : a.absent ? 'none' : 'bad', a.candidate, addonText(a)),
    ),
  ];
  if (gpu.runtimes.length > 0)
    lines.push(
      '',
      p.bold(`libcudf ${RUNTIME_RELEASE}`),
      ...gpu.runtimes.flatMap((r) => row(r.files ? 'good' : r.absent ? 'none' : 'bad', r.candidate, runtimeText(r))),
    );
  if (gpu.fixes.length > 0) lines.push('', p.bold('To use a GPU'), ...gpu.fixes.map((fix, i) => `  ${i + 1}. ${fix}`));
  return `${lines.join('\n')}\n`;
}

const devicesText = (a: AddonReport | { readonly device: AddonReport['device'] }): string =>
  (a.device?.devices ?? [])
    .map((d) =>
      a.device?.host ? d.name : `${d.id}: ${d.name}, ${bytesText(d.totalBytes)}, compute capability ${d.capability}`,
    )
    .join('\n');

const addonText = (a: AddonReport): string =>
  [
    a.path,
    a.device?.driver ? `driver for CUDA ${a.device.driver}, built with CUDA ${a.device.runtime}` : null,
    a.refused ?? devicesText(a),
  ]
    .filter((line) => line !== null)
    .join('\n');

const runtimeText = (r: RuntimeReport): string =>
  r.files ? `${r.files.folder}\nlibcudf ${r.files.version} for CUDA ${r.files.cuda}` : (r.refused ?? '');

const engineText = (engine: NonNullable<GpuReport['engine']>): string =>
  [devicesText(engine), `${engine.description.library} ${engine.description.version}, ${engine.library}`].join('\n');
