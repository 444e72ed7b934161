import type { ErpTarget } from "../../device-db/config.ts";
import { manualClock } from "./clock.ts";
import { openDeliverySystem } from "./delivery-system.ts";
import { openFaultErp } from "./fault-erp.ts";
import { openLogBook } from "./log-book.ts";

/** A fault ERP, and the delivery worker in front of it with a clock that stands still. */
export async function openFaultGround(settle: ErpTarget["settle"] = "ref") {
  await using opening = new AsyncDisposableStack();
  const clock = manualClock();
  const book = openLogBook();
  const erp = opening.use(await openFaultErp());
  const system = opening.use(await openDeliverySystem({ url: erp.url, settle, clock, log: book.log }));
  const owned = opening.move();
  return { clock, erp, system, alerts: book.alerts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
