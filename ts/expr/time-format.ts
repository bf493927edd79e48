// The strftime directives that `dt.format` writes and `str.toDatetime`, `toDate` and `toTime` read.
//
//   %Y year, at least 4 digits     %y year of the century, 2 digits (00–68 are 20xx)      %m month 01–12
//   %b %B month name, Jan, January %d day 01–31      %e day, padded with a space          %j day of the year 001–366
//   %a %A weekday name, Mon, Monday                  %H hour 00–23   %I hour 01–12        %p AM, PM
//   %M minute 00–59                %S second 00–59   %z offset +hhmm  %:z offset +hh:mm    %F %Y-%m-%d  %T %H:%M:%S  %R %H:%M
//   %f digits of the fraction: written in as many as the unit has, read in any number; %3f %6f %9f exactly so many
//   %.f the point and the fraction; read if it is there, written if it is not zero; %.3f %.6f %.9f always written so
//   %% a percent sign. A minus drops the padding when writing: %-d. Reading takes padded and unpadded numbers.
//   Written only: %Z zone name (empty for a wall clock)  %s seconds since 1970  %V ISO week 01–53  %G ISO year
//   %u weekday 1–7 from Monday  %w weekday 0–6 from Sunday  %q quarter
import { ParameterError } from '../errors.ts';

const READ: ReadonlySet<string> = new Set('YymbBdejaAHIpMSfzFTR%');
const WRITTEN: ReadonlySet<string> = new Set([...READ, ...'ZsVGuwq']);
const DIRECTIVE = /^%(?:-?([A-Za-z%])|\.?[369]?(f)|\.(f)|:(z))/;

/** Checks a format and returns it. */
export function checkTimeFormat(format: string, reading: boolean): string {
  const known = reading ? READ : WRITTEN;
  for (let i = 0; i < format.length; i++) {
    if (format[i] !== '%') continue;
    const match = DIRECTIVE.exec(format.slice(i));
    const letter = match?.slice(1).find((g) => g !== undefined);
    if (match === null || letter === undefined || !known.has(letter)) {
      throw new ParameterError(
        `The directive ${JSON.stringify(match?.[0] ?? format.slice(i, i + 2))} of the format ${JSON.stringify(format)} cannot be ${reading ? 'read' : 'written'}. Use ${[...known].map((d) => `%${d}`).join(' ')}.`,
        { format },
      );
    }
    i += match[0].length - 1;
  }
  return format;
}
