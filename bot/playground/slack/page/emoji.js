// The short names Kahvi and its readers are likely to write; anything else stays as it was typed.

const TABLE = `
coffee ☕|tea 🍵|wave 👋|tada 🎉|bulb 💡|eyes 👀|bell 🔔|no_bell 🔕|zzz 💤|sleeping 😴|warning ⚠️|rotating_light 🚨
white_check_mark ✅|heavy_check_mark ✔️|ballot_box_with_check ☑️|x ❌|negative_squared_cross_mark ❎|no_entry ⛔
no_entry_sign 🚫|octagonal_sign 🛑|question ❓|exclamation ❗|bangbang ‼️|information_source ℹ️|sos 🆘|new 🆕|ok 🆗|up 🆙
red_circle 🔴|large_orange_circle 🟠|large_yellow_circle 🟡|large_green_circle 🟢|large_blue_circle 🔵
large_purple_circle 🟣|large_brown_circle 🟤|white_circle ⚪|black_circle ⚫|large_green_square 🟩|large_red_square 🟥
large_yellow_square 🟨|white_large_square ⬜|black_large_square ⬛|small_red_triangle 🔺|small_red_triangle_down 🔻
small_orange_diamond 🔸|small_blue_diamond 🔹|arrow_up ⬆️|arrow_down ⬇️|arrow_right ➡️|arrow_left ⬅️
arrow_upper_right ↗️|arrow_lower_right ↘️|arrow_up_small 🔼|arrow_down_small 🔽|arrows_counterclockwise 🔄|repeat 🔁
chart_with_upwards_trend 📈|chart_with_downwards_trend 📉|bar_chart 📊|clipboard 📋|memo 📝|pencil ✏️|pencil2 ✏️
calendar 📅|date 📆|spiral_calendar_pad 🗓️|clock9 🕘|hourglass ⌛|hourglass_flowing_sand ⏳|alarm_clock ⏰|stopwatch ⏱️
moneybag 💰|dollar 💵|euro 💶|credit_card 💳|receipt 🧾|money_with_wings 💸|gem 💎|bank 🏦|handshake 🤝
telephone_receiver 📞|phone ☎️|email 📧|envelope ✉️|incoming_envelope 📨|inbox_tray 📥|outbox_tray 📤|link 🔗
paperclip 📎|pushpin 📌|round_pushpin 📍|mag 🔍|mag_right 🔎|lock 🔒|unlock 🔓|key 🔑|gear ⚙️|wrench 🔧
hammer_and_wrench 🛠️|toolbox 🧰|shield 🛡️|fire 🔥|boom 💥|sparkles ✨|star ⭐|star2 🌟|zap ⚡|rocket 🚀|seedling 🌱
herb 🌿|sunny ☀️|partly_sunny ⛅|cloud ☁️|rain_cloud 🌧️|snowflake ❄️|ocean 🌊|rainbow 🌈|sunrise 🌅|heart ❤️
brown_heart 🤎|broken_heart 💔|green_heart 💚|blue_heart 💙|thumbsup 👍|+1 👍|thumbsdown 👎|-1 👎|clap 👏|pray 🙏
muscle 💪|raised_hands 🙌|point_right 👉|point_down 👇|ok_hand 👌|hand ✋|raised_hand ✋|writing_hand ✍️
slightly_smiling_face 🙂|smile 😄|grinning 😀|joy 😂|blush 😊|wink 😉|thinking_face 🤔|neutral_face 😐|confused 😕
worried 😟|disappointed 😞|cry 😢|sweat_smile 😅|sunglasses 😎|partying_face 🥳|face_with_monocle 🧐|robot_face 🤖
ghost 👻|skull 💀|bust_in_silhouette 👤|busts_in_silhouette 👥|office 🏢|factory 🏭|house 🏠|package 📦|gift 🎁
trophy 🏆|medal 🏅|first_place_medal 🥇|dart 🎯|checkered_flag 🏁|triangular_flag_on_post 🚩|label 🏷️|bookmark 🔖
books 📚|newspaper 📰|speech_balloon 💬|thought_balloon 💭|left_speech_bubble 🗨️|mega 📣|loudspeaker 📢
door 🚪|ladder 🪜|crystal_ball 🔮|microscope 🔬|thermometer 🌡️|stethoscope 🩺|adhesive_bandage 🩹|ambulance 🚑
heavy_plus_sign ➕|heavy_minus_sign ➖|heavy_dollar_sign 💲|100 💯|one 1️⃣|two 2️⃣|three 3️⃣|four 4️⃣|five 5️⃣
croissant 🥐|doughnut 🍩|cake 🍰|cookie 🍪|computer 💻|iphone 📱|floppy_disk 💾|bug 🐛|snail 🐌|turtle 🐢`;

const EMOJI = new Map(TABLE.trim().split(/[|\n]/).map((entry) => {
  const space = entry.lastIndexOf(" ");
  return [entry.slice(0, space), entry.slice(space + 1)];
}));

/** The character of a short name, or null. Country flags (`flag-fi`) follow from their letters. */
export function emoji(name) {
  const flag = /^flag-([a-z]{2})$/.exec(name);
  if (flag) return String.fromCodePoint(...[...flag[1]].map((c) => 0x1f1e6 + c.charCodeAt(0) - 97));
  return EMOJI.get(name) ?? null;
}

export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => emoji(name) ?? whole);
