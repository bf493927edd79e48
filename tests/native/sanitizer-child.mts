// One section under a program that stands in for compute-sanitizer (the argument), and what comes of it.
import { settingsFor } from '../../ts/verify/run-verify.ts';
import { underSanitizer } from '../../ts/verify/sanitizer-checks.ts';

const outcome = await underSanitizer(process.argv[2]!, 'memcheck', 'addon', settingsFor(true, {}));
console.log(JSON.stringify(outcome));
