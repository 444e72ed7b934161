/** How a recorded session is told: what is said, and for how long what is seen. */
import type { Recording } from "./flow-recording.ts";

export type Panel = "guest" | "console" | "pod" | "erp";

export type Scene = {
  caption: string;
  /** Which of them it is about. */
  panel: Panel;
  phone: "question" | "sent" | "ended";
  isTapped: boolean;
  /** How many hops the console shows. */
  hops: number;
  erp: "before" | "after";
  /** What rises from the pod moves. */
  isMoving: boolean;
  ms: number;
};

type Chapter = Pick<Scene, "caption" | "panel" | "phone" | "isMoving"> & {
  /** It is over when all of these have been shown, or when there is nothing more. */
  until: readonly string[];
};

const HOP_MS = 360;
const HOLD_MS = 720;
const READ_MS = 1_200;
const TAP_MS = 480;
const END_MS = 2_800;

const CHAPTERS: readonly Chapter[] = [
  {
    caption: "A guest scans the card in the room, and is asked one question.",
    panel: "guest",
    phone: "question",
    isMoving: false,
    until: ["asked"],
  },
  {
    caption: "The answer becomes one command, sent over MQTT.",
    panel: "console",
    phone: "sent",
    isMoving: false,
    until: ["command handed on"],
  },
  {
    caption: "The pod diffuses wood, and reports one event.",
    panel: "pod",
    phone: "sent",
    isMoving: true,
    until: ["accepted", "event reported"],
  },
  {
    caption: "The event becomes one call of the ERP, kept until it is answered.",
    panel: "console",
    phone: "ended",
    isMoving: true,
    until: [],
  },
];

const END: Scene = {
  caption: "The hotel’s ERP has exactly one usage.",
  panel: "erp",
  phone: "ended",
  isTapped: false,
  hops: 0,
  erp: "after",
  isMoving: true,
  ms: READ_MS,
};

export function storyOf({ hops }: Pick<Recording, "hops">): Scene[] {
  const scenes: Scene[] = [];
  let shown = 0;
  for (const { until, ...chapter } of CHAPTERS) {
    const scene: Scene = { ...chapter, isTapped: false, hops: shown, erp: "before", ms: HOP_MS };
    const last = until.length === 0 ? hops.length : Math.max(...until.map((name) => hops.indexOf(name))) + 1;
    if (shown === 0) scenes.push(scene);
    for (; shown < last; shown++) scenes.push({ ...scene, hops: shown + 1 });
    scenes.push({ ...scene, hops: shown, ms: HOLD_MS });
    if (chapter.phone === "question") scenes.push({ ...scene, hops: shown, isTapped: true, ms: TAP_MS });
  }
  const end = { ...END, hops: shown };
  return [...scenes, end, { ...end, isMoving: false, ms: END_MS }];
}
