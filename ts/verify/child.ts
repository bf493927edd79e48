// Entry of the process that runs one section: native code that ends a process ends this one, and the report says so.
import { outcomeOf } from './check.ts';
import { engineFacts } from './engine-facts.ts';
import type { Assignment, VerifyEvent } from './events.ts';
import { checksOf } from './sections.ts';

/** How long a check may be silent unless it says otherwise. */
const LIMIT_MS = 300_000;

/** Over the channel of a fork; without one as lines of JSON (under compute-sanitizer). */
function send(event: VerifyEvent): void {
  if (process.send) process.send(event);
  else process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function runAssignment({ section, settings, skip }: Assignment): Promise<void> {
  if (section === 'engine') {
    send({ type: 'engine', engine: await engineFacts() });
    return send({ type: 'done' });
  }
  let index = 0;
  for await (const check of checksOf(section, settings)) {
    const at = index++;
    if (at < skip) continue;
    const { group, name, limitMs = LIMIT_MS } = check;
    send({ type: 'begin', index: at, group, name, limitMs });
    const started = performance.now();
    const outcome = await outcomeOf(check);
    send({ type: 'end', index: at, outcome, ms: performance.now() - started });
  }
  send({ type: 'done' });
}

const given = process.argv[2];
if (given !== undefined) await runAssignment(JSON.parse(given) as Assignment);
else {
  process.once('disconnect', () => process.exit(1));
  process.once('message', (assignment) => {
    void runAssignment(assignment as Assignment).then(
      () => process.disconnect(),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
