// RE2's regular expressions, a module of its own because few queries need it.
export { RE2JS } from 're2js';
