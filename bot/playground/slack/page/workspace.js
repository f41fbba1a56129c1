// What the server said about the workspace: who, where, which commands. Refilled on every reconnect.

import { setNow, setZone } from "./time.js";

export const workspace = {
  team: null,
  me: null,
  bot: null,
  users: new Map(),
  channels: [],
  commands: [],
  clock: null,
  frame: {},

  fill(state) {
    this.team = state.team;
    this.me = state.me;
    this.bot = state.bot;
    this.users = new Map(state.users.map((user) => [user.id, user]));
    this.channels = state.channels;
    this.commands = state.commands;
    this.frame = state.frame ?? {};
    setZone(state.me.tz);
    this.setClock(state.clock ?? { now: Date.now() / 1000 });
  },

  /** `now` in seconds since the epoch, `still` when it stands there, `moving` while time passes in leaps. */
  setClock(clock) {
    this.clock = clock;
    setNow(clock.now, clock.still);
  },

  channel(id) {
    return this.channels.find((channel) => channel.id === id);
  },

  /** The channel's name as people say it: a direct message is called by the other person's name. */
  channelName(channel) {
    if (!channel?.is_im) return channel?.name ?? "";
    return this.userName(channel.user);
  },

  userName(id) {
    const user = this.users.get(id);
    return user?.real_name || user?.name || id || "Someone";
  },

  /** Whether the app's manifest gives it a Home tab. */
  hasHome() {
    return this.bot?.home_tab !== false;
  },

  /** The direct messages between the reader and the app. */
  botChannel() {
    return this.channels.find((channel) => channel.is_im && channel.user === this.bot?.user_id);
  },
};
