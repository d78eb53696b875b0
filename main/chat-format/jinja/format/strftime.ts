/** Dates as `strftime` of the C library writes them, in English. The time enters as an argument; nothing here reads a clock. */

/** A moment as clocks on a wall show it. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** Of the month. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

/** A date in the time zone of this computer. */
export const localTimeOf = (date: Date): LocalTime => ({
  ...{ year: date.getFullYear(), month: date.getMonth() + 1, day: date.getDate() },
  ...{ hour: date.getHours(), minute: date.getMinutes(), second: date.getSeconds() },
  microsecond: date.getMilliseconds() * 1000,
});

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'],
  ...['November', 'December'],
];
const DAY_MS = 86_400_000;

interface Calendar {
  /** 0 for Sunday. */
  readonly weekday: number;
  /** 1 for the first of January. */
  readonly dayOfYear: number;
  readonly isoYear: number;
  readonly isoWeek: number;
}

function calendarOf({ year, month, day }: LocalTime): Calendar {
  const utc = (inYear: number, inMonth: number, onDay: number): number => {
    const date = new Date(0);
    date.setUTCFullYear(inYear, inMonth - 1, onDay);
    return date.getTime();
  };
  const at = utc(year, month, day);
  const weekday = new Date(at).getUTCDay();
  // The ISO week belongs to the year of its Thursday.
  const thursday = new Date(at + (4 - (weekday || 7)) * DAY_MS);
  const isoYear = thursday.getUTCFullYear();
  return {
    weekday,
    dayOfYear: Math.round((at - utc(year, 1, 1)) / DAY_MS) + 1,
    isoYear,
    isoWeek: Math.floor((thursday.getTime() - utc(isoYear, 1, 1)) / DAY_MS / 7) + 1,
  };
}

/** A number with the width and the fill that a directive has by itself. */
type Field = readonly [value: number, width: number, fill: '0' | ' '] | string;

const composed: Readonly<Record<string, string>> = {
  ...{ c: '%a %b %e %H:%M:%S %Y', D: '%m/%d/%y', F: '%Y-%m-%d', r: '%I:%M:%S %p', R: '%H:%M', T: '%H:%M:%S' },
  ...{ x: '%m/%d/%y', X: '%H:%M:%S', h: '%b', '+': '%a %b %e %H:%M:%S %Y' },
};

function fieldOf(directive: string, time: LocalTime, calendar: Calendar): Field | undefined {
  const { weekday, dayOfYear, isoYear, isoWeek } = calendar;
  const hour12 = time.hour % 12 || 12;
  const monday = (weekday + 6) % 7;
  switch (directive) {
    case 'a':
      return (days[weekday] ?? '').slice(0, 3);
    case 'A':
      return days[weekday];
    case 'b':
      return (months[time.month - 1] ?? '').slice(0, 3);
    case 'B':
      return months[time.month - 1];
    case 'C':
      return [Math.floor(time.year / 100), 2, '0'];
    case 'd':
      return [time.day, 2, '0'];
    case 'e':
      return [time.day, 2, ' '];
    case 'f':
      return [time.microsecond, 6, '0'];
    case 'g':
      return [isoYear % 100, 2, '0'];
    case 'G':
      return [isoYear, 1, '0'];
    case 'H':
      return [time.hour, 2, '0'];
    case 'I':
      return [hour12, 2, '0'];
    case 'j':
      return [dayOfYear, 3, '0'];
    case 'k':
      return [time.hour, 2, ' '];
    case 'l':
      return [hour12, 2, ' '];
    case 'm':
      return [time.month, 2, '0'];
    case 'M':
      return [time.minute, 2, '0'];
    case 'n':
      return '\n';
    case 'p':
      return time.hour < 12 ? 'AM' : 'PM';
    case 'P':
      return time.hour < 12 ? 'am' : 'pm';
    case 'S':
      return [time.second, 2, '0'];
    case 't':
      return '\t';
    case 'u':
      return [weekday || 7, 1, '0'];
    case 'U':
      return [Math.floor((dayOfYear + 6 - weekday) / 7), 2, '0'];
    case 'V':
      return [isoWeek, 2, '0'];
    case 'w':
      return [weekday, 1, '0'];
    case 'W':
      return [Math.floor((dayOfYear + 6 - monday) / 7), 2, '0'];
    case 'y':
      return [time.year % 100, 2, '0'];
    case 'Y':
      return [time.year, 1, '0'];
    // Without a time zone both are empty.
    case 'z':
    case 'Z':
      return '';
    case '%':
      return '%';
    default:
      return undefined;
  }
}

export function strftime(time: LocalTime, format: string): string {
  const calendar = calendarOf(time);
  return format.replace(
    /%([-_0^#]*)(\d{0,3})[EO]?([a-zA-Z%+])/g,
    (found, flags: string, width: string, directive: string) => {
      const inner = composed[directive];
      const field = inner === undefined ? fieldOf(directive, time, calendar) : strftime(time, inner);
      if (field === undefined) return found;
      let text: string;
      const flag = /[-_0]/.exec(flags)?.[0];
      if (typeof field === 'string') text = field.padStart(Number(width), flag === '0' ? '0' : ' ');
      else {
        const [value, own, fill] = field;
        const wide = width === '' ? own : Number(width);
        const filled = flag === undefined ? fill : flag === '_' ? ' ' : '0';
        text = flag === '-' ? String(value) : String(value).padStart(wide, filled);
      }
      if (flags.includes('^')) return text.toUpperCase();
      if (!flags.includes('#')) return text;
      return directive === 'p' || directive === 'Z' ? text.toLowerCase() : text.toUpperCase();
    },
  );
}
