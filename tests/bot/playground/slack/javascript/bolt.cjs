// A Bolt app in JavaScript, on the modules of the folder given: says what it heard as lines of JSON.
const [folder, apiUrl, botToken, appToken] = process.argv.slice(2);
const { App, LogLevel, SocketModeReceiver } = require(`${folder}/@slack/bolt`);

const say = (line) => console.log(JSON.stringify(line));
const clientOptions = { slackApiUrl: apiUrl };
const receiver = new SocketModeReceiver({ appToken, logLevel: LogLevel.ERROR, installerOptions: { clientOptions } });
receiver.client.webClient.slackApiUrl = apiUrl;
const app = new App({ token: botToken, receiver, clientOptions, logLevel: LogLevel.ERROR });

app.command("/coffee", async ({ ack, command, respond }) => {
  await ack();
  await respond(`Brewing ${command.text}`);
  say({ heard: command.text });
});
app.event("app_mention", async ({ event, client }) => {
  const posted = await client.chat.postMessage({ channel: event.channel, text: "I am here", thread_ts: event.ts });
  say({ posted: posted.ok });
});

app.start().then(() => say({ ready: true }));
