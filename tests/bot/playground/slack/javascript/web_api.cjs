// The Web API client in JavaScript, from the modules of the folder given: says what came of each call as a line of JSON.
const [folder, apiUrl, botToken] = process.argv.slice(2);
const { LogLevel, WebClient } = require(`${folder}/@slack/web-api`);

const client = new WebClient(botToken, { slackApiUrl: apiUrl, logLevel: LogLevel.ERROR, retryConfig: { retries: 1, minTimeout: 1, maxTimeout: 1 } });
const say = (line) => console.log(JSON.stringify(line));

async function main() {
  const { user_id: bot } = await client.auth.test();
  const channels = [];
  for await (const page of client.paginate("conversations.list", { limit: 1 })) channels.push(...page.channels.map((one) => one.name));
  const posted = await client.chat.postMessage({ channel: "#cs", text: "a", blocks: [{ type: "section", text: { type: "mrkdwn", text: "*a*" } }] });
  await client.chat.update({ channel: posted.channel, ts: posted.ts, text: "b" });
  const uploaded = await client.files.uploadV2({ channel_id: posted.channel, filename: "x.txt", content: "hello", initial_comment: "see" });
  const { messages } = await client.conversations.history({ channel: posted.channel });
  const refused = await client.chat.postMessage({ channel: "C404", text: "x" }).catch((error) => error.data.error);
  const limited = await client.users.info({ user: bot });
  say({ bot, channels, files: uploaded.files.length, texts: messages.map((one) => one.text), refused, limited: limited.ok });
}

main();
