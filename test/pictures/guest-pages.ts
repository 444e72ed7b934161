import { untilDelivery } from "./present.ts";
import type { Visit } from "./visit.ts";

const PHONE = { width: 390, height: 720 };
const SHARP = 2;
const CARD_LANGUAGES = ["en", "zh-Hant", "ja"];
const CARD_MARGIN = 24;

/** What a guest has in the room: the card, the question on the phone, and the answer. */
export async function visitGuestPages({ kit, camera, keep }: Visit): Promise<void> {
  const { serial, launchUrl } = kit.room("Room 101");
  const desk = await camera.open({ width: 600, height: 800 }, SHARP);
  const cards = await kit.ask(`${kit.urls.bot}/api/cards`, { serials: [serial], languages: CARD_LANGUAGES });
  await desk.setContent(await cards.text());
  const { x = 0, y = 0, width = 0, height = 0 } = (await desk.locator("article, .card").first().boundingBox()) ?? {};
  const clip = {
    x: x - CARD_MARGIN,
    y: y - CARD_MARGIN,
    width: width + 2 * CARD_MARGIN,
    height: height + 2 * CARD_MARGIN,
  };
  keep("room-card.png", await desk.screenshot({ clip }));

  const phone = await camera.open(PHONE, SHARP);
  const begins = phone.waitForResponse((answer) => answer.url().endsWith("/v3/directline/conversations"));
  await phone.goto(launchUrl);
  const { conversationId } = (await (await begins).json()) as { conversationId: string };
  keep("guest-question.png", await phone.screenshot());
  await phone.getByRole("button", { name: "Wood" }).click();
  await phone.locator('main[data-stage="ended"]').waitFor();
  await untilDelivery(kit, conversationId, "delivered");
  await phone.mouse.move(0, 0);
  keep("guest-answered.png", await phone.screenshot());
  await phone.context().close();
  await desk.context().close();
}
