// Times and days by the workspace's own clock, in the zone of whoever sits at the page.

const DAY = 86_400_000;

/** `offset` is how far the workspace's clock is ahead of this machine's; `still` the moment at which it stands. */
const now = { offset: 0, still: null };
let zone;

/** `seconds` since the epoch are the present of the workspace. */
export function setNow(seconds, still) {
  now.offset = seconds * 1000 - Date.now();
  now.still = still ? seconds * 1000 : null;
}

const formatters = new Map();

/** An IANA name; without one the browser's own zone counts. */
export function setZone(name) {
  zone = name || undefined;
  formatters.clear();
}

/** What writes dates in the zone; made once for each form, as making one takes longer than a hundred uses. */
function formatter(locale, options) {
  const key = JSON.stringify([locale, options]);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }));
  return formatters.get(key);
}

export const present = () => new Date(now.still ?? Date.now() + now.offset);

export const tsDate = (ts) => new Date(Number.parseFloat(ts) * 1000);

export const clock = (date) => formatter([], { hour: "numeric", minute: "2-digit" }).format(date);

export const fullTime = (date) => `${longDay(date)} at ${clock(date)}`;

const words = (date, options) => formatter("en", options).format(date);
const longDay = (date) => words(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

export const shortDay = (date) => formatter("en-GB", { weekday: "short", day: "numeric", month: "short" }).format(date);

/** Year, month and day of a date in the zone, as numbers. */
function calendar(date) {
  const parts = formatter("en", { year: "numeric", month: "numeric", day: "numeric" }).formatToParts(date);
  const number = (type) => Number(parts.find((part) => part.type === type).value);
  return [number("year"), number("month"), number("day")];
}

function midnight(date) {
  const [year, month, day] = calendar(date);
  return Date.UTC(year, month - 1, day);
}

const daysAgo = (date) => (midnight(present()) - midnight(date)) / DAY;

const relativeDay = (date) => ({ "-1": "Tomorrow", 0: "Today", 1: "Yesterday" })[daysAgo(date)];

export const sameDay = (a, b) => midnight(a) === midnight(b);

export function dayName(date) {
  const year = calendar(date)[0] === calendar(present())[0] ? undefined : "numeric";
  return relativeDay(date) ?? words(date, { weekday: "long", day: "numeric", month: "long", year });
}

function ago(date) {
  const seconds = (date - present()) / 1000;
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, size] of [["day", 86_400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(Math.round(seconds), "second");
}

const SHORT = { month: "short", day: "numeric", year: "numeric" };
const MEDIUM = { month: "long", day: "numeric", year: "numeric" };
const pretty = (date, plain) => relativeDay(date)?.toLowerCase() ?? plain;

const TOKENS = {
  date_num: (d) => calendar(d).map((n) => String(n).padStart(2, "0")).join("-"),
  date: (d) => words(d, MEDIUM),
  date_short: (d) => words(d, SHORT),
  date_long: (d) => longDay(d),
  date_pretty: (d) => pretty(d, words(d, MEDIUM)),
  date_short_pretty: (d) => pretty(d, words(d, SHORT)),
  date_long_pretty: (d) => pretty(d, longDay(d)),
  day_divider_pretty: (d) => dayName(d),
  time: clock,
  time_secs: (d) => formatter([], { timeStyle: "medium" }).format(d),
  ago,
};

/** Slack's `<!date^…>`: a Unix time and a format such as `{date_short} at {time}`. */
export function slackDate(seconds, format, fallback) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return format.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(date) ?? whole);
}
