import { randomUUIDv7 } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Activity, ActivityHandler, BotAdapter, type ResourceResponse, TurnContext } from "botbuilder";
import restify from "restify";
import { startFloorCommands } from "./floor-commands.ts";
import { listenRestify } from "./floor-http.ts";

/** One turn of the bot with its reply buffered, then the first commit of a flow: the ended session and its command. */
export async function startFloorBot(file: string, mqttUrl: string) {
  const commands = await startFloorCommands(file, mqttUrl);
  const adapter = new BufferingAdapter();
  const bot = new ActivityHandler();
  bot.onMessage(async (context, next) => {
    await context.sendActivity("Thanks, your room will smell of it in a moment.");
    await next();
  });

  const server = restify.createServer();
  server.post("/answer", async (req: restify.Request, res: restify.Response) => {
    const activity = JSON.parse(await readBody(req)) as Partial<Activity>;
    const sent = await adapter.turn(activity, (context) => bot.run(context));
    await commands.endSession(activity.conversation?.id ?? "", activity.text ?? "");
    const body = JSON.stringify({ activities: sent });
    res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    res.end(body);
  });

  const http = await listenRestify(server);
  return {
    url: http.url,
    async close() {
      await http.close();
      await commands.close();
    },
  };
}

/** The least adapter: what the bot sends during a turn is kept for the answer to the request. */
class BufferingAdapter extends BotAdapter {
  readonly #sent = new WeakMap<TurnContext, Partial<Activity>[]>();

  async turn(
    activity: Partial<Activity>,
    logic: (context: TurnContext) => Promise<void>,
  ): Promise<Partial<Activity>[]> {
    const context = new TurnContext(this, activity);
    const sent: Partial<Activity>[] = [];
    this.#sent.set(context, sent);
    await this.runMiddleware(context, logic);
    return sent;
  }

  override async sendActivities(context: TurnContext, activities: Partial<Activity>[]): Promise<ResourceResponse[]> {
    this.#sent.get(context)?.push(...activities);
    return activities.map(() => ({ id: randomUUIDv7() }));
  }

  override async updateActivity(): Promise<void> {}

  override async deleteActivity(): Promise<void> {}

  override async continueConversation(): Promise<void> {
    throw new Error("The floor never begins a conversation.");
  }
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
