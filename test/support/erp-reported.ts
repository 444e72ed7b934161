import { expect } from "vitest";
import { manualClock } from "./clock.ts";
import { type Body, openFurnished, setClock } from "./erp-api.ts";
import { callSwitch } from "./erp-calls.ts";

/** An instant of March. */
export const at = (day: string, time: string) => `2026-03-${day}T${time}:00.000Z`;
/** A usage of March 1, by hand. */
export const usage = (checkin: string, checkout: string | null, more: Body = {}) => {
  const checkout_at = checkout === null ? null : at("01", checkout);
  return { device_id: 1, scent_id: 1, checkin_at: at("01", checkin), checkout_at, ...more };
};

/** An ERP at noon of March 2; what its device reported so far is said by its times. */
export async function openReported(reported: [day: string, checkin: string, checkout?: string][] = []) {
  const clock = manualClock();
  setClock(clock, at("01", "00:00"));
  const erp = await openFurnished({ clock });
  const call = async (time: string, status: string) => {
    setClock(clock, time);
    expect((await callSwitch(erp, { serial: "POD-1", status, scent: "wood" })).status).toBe(200);
  };
  for (const [day, checkin, checkout] of reported) {
    await call(at(day, checkin), "checkin");
    if (checkout) await call(at(day, checkout), "checkout");
  }
  setClock(clock, at("02", "12:00"));
  return erp;
}
