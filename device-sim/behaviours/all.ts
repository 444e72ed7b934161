import type { Behaviour } from "./behaviour.ts";
import { clockSkew } from "./clock-skew.ts";
import { duplicate } from "./duplicate.ts";
import { emptyCapsule } from "./empty-capsule.ts";
import { flakyWifi } from "./flaky-wifi.ts";
import { garbage } from "./garbage.ts";
import { late } from "./late.ts";
import { offline } from "./offline.ts";
import { reboot } from "./reboot.ts";
import { reorder } from "./reorder.ts";
import { silent } from "./silent.ts";

/** Every behaviour that can be put on a pod, by the name that people write. */
export const BEHAVIOURS: Record<string, Behaviour> = {
  silent,
  late,
  duplicate,
  reorder,
  reboot,
  garbage,
  offline,
  "clock-skew": clockSkew,
  "empty-capsule": emptyCapsule,
  "flaky-wifi": flakyWifi,
};
