// Times and days as the reader's own clock shows them.

const DAY = 86_400_000;

export const tsDate = (ts) => new Date(Number.parseFloat(ts) * 1000);

export const clock = (date) => date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

export const fullTime = (date) => `${longDay(date)} at ${clock(date)}`;

const longDay = (date) => date.toLocaleDateString("en", { weekday: "long", day: "numeric", month: "long", year: "numeric" });

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());

/** Whole local days between a date and today; rounded because a day may have 23 or 25 hours. */
const daysAgo = (date) => Math.round((midnight(new Date()) - midnight(date)) / DAY);

const relativeDay = (date) => ({ "-1": "Tomorrow", 0: "Today", 1: "Yesterday" })[daysAgo(date)];

export const sameDay = (a, b) => midnight(a).getTime() === midnight(b).getTime();

export function dayName(date) {
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return relativeDay(date) ?? date.toLocaleDateString("en", { weekday: "long", day: "numeric", month: "long", year });
}

function ago(date) {
  const seconds = (date - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, size] of [["day", 86_400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(Math.round(seconds), "second");
}

const words = (date, options) => date.toLocaleDateString("en", options);
const SHORT = { month: "short", day: "numeric", year: "numeric" };
const MEDIUM = { month: "long", day: "numeric", year: "numeric" };
const pretty = (date, plain) => relativeDay(date)?.toLowerCase() ?? plain;

const TOKENS = {
  date_num: (d) => [d.getFullYear(), d.getMonth() + 1, d.getDate()].map((n) => String(n).padStart(2, "0")).join("-"),
  date: (d) => words(d, MEDIUM),
  date_short: (d) => words(d, SHORT),
  date_long: (d) => longDay(d),
  date_pretty: (d) => pretty(d, words(d, MEDIUM)),
  date_short_pretty: (d) => pretty(d, words(d, SHORT)),
  date_long_pretty: (d) => pretty(d, longDay(d)),
  day_divider_pretty: (d) => dayName(d),
  time: clock,
  time_secs: (d) => d.toLocaleTimeString(),
  ago,
};

/** Slack's `<!date^…>`: a Unix time and a format such as `{date_short} at {time}`. */
export function slackDate(seconds, format, fallback) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return format.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(date) ?? whole);
}
