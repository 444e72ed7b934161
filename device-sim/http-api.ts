/** What is said of the addresses of the simulator. */
import type { AddressGroup } from "../plumbing/http-api.ts";
import { HANDS, type HandName } from "./hand-contract.ts";

const DEEDS: Record<HandName, string> = {
  press: "Presses a button of the pod.",
  checkin: "Checks in as if asked for at the pod itself.",
  checkout: "Checks out in the same way.",
  schedule: "Sets the window in which it diffuses.",
  drain: "Empties a capsule.",
  refill: "Puts a full capsule into its slot.",
  remove: "Takes a capsule out.",
  intensity: "Turns the dial.",
  fault: "Takes off what faults are on, and puts these on; [pods.md](../pods.md#behaviours) has them all.",
};
const NAMES = Object.keys(HANDS) as HandName[];

const PODS: AddressGroup = {
  title: "Pods",
  about: "The simulated pods, for programs.",
  addresses: {
    "GET /api/pods": { about: "All of them: `{data}`." },
    "GET /api/pods/:serial": { about: "One: its state, its faults, and events that wait for their acknowledgement." },
    "GET /api/pods/:serial/live": { about: "The same as server-sent events, whenever it changes." },
    ...Object.fromEntries(
      NAMES.map((name) => [`POST /api/pods/:serial/${name}`, { about: DEEDS[name], body: HANDS[name] }]),
    ),
  },
};

const PAGES: AddressGroup = {
  title: "The pod's page",
  about: "For people; it works without a script.",
  addresses: {
    "GET /": { about: "The pod, or a list of them." },
    "GET /pods/:serial": { about: "One pod, with its keys, its dial and its faults." },
    "GET /pods/:serial/live": { about: "The page as server-sent events, whenever the pod changes." },
    [`POST /pods/:serial/{${NAMES.join(",")}}`]: { about: "The keys and forms of the page." },
    "GET /assets/{pod.css,pod.js}": { about: "Style and script of the pages." },
  },
};

export const DEVICE_SIM_API: readonly AddressGroup[] = [PODS, PAGES];
