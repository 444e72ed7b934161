import type { Command, DeviceEvent, PodState, PodStatus, PodTopic, Reply } from "./contract.ts";

type Example<Payload> = { name: string; summary: string; payload: Payload };

const SESSION = "019ca945-0a00-7b41-9d0e-5a6f0c2e8b17";
const CHECK_IN = "019ca945-ab17-7f5e-8a34-0b1c9d62e4f3";
const SCHEDULE = "019ca9cb-ee80-71c8-b6a0-f3d5274e9c06";
const EVENT = "019ca945-ab4f-7a92-a1b7-46e8d05c3f29";
const TRACE_ID = "019ca9450a007b419d0e5a6f0c2e8b17";

const command: Example<Command>[] = [
  {
    name: "checkin",
    summary: "A guest has answered wood",
    payload: {
      id: CHECK_IN,
      sessionId: SESSION,
      action: "checkin",
      scent: "wood",
      issuedAt: "2026-03-01T12:00:41.239Z",
      ttlS: 120,
      traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`,
    },
  },
  {
    name: "schedule",
    summary: "An operator wants a scent from eight to twelve; the third time it is sent",
    payload: {
      id: SCHEDULE,
      action: "schedule",
      scent: "air",
      startTime: "08:00:00",
      endTime: "12:00:00",
      timeZone: "Asia/Hong_Kong",
      issuedAt: "2026-03-01T14:27:20.320Z",
      ttlS: 113.996,
    },
  },
];

const reply: Example<Reply>[] = [
  {
    name: "accepted",
    summary: "It is carried out",
    payload: { commandId: CHECK_IN, outcome: "accepted", at: "2026-03-01T12:00:41.297Z" },
  },
  {
    name: "duplicate",
    summary: "It came again",
    payload: { commandId: CHECK_IN, outcome: "duplicate", at: "2026-03-01T12:00:43.244Z" },
  },
  {
    name: "rejected",
    summary: "It cannot be carried out",
    payload: {
      commandId: "019ca9ca-2f38-7b6d-9c11-6d20e8f4a57b",
      outcome: "rejected",
      reason: 'unknown scent "rose"',
      at: "2026-03-01T14:25:25.847Z",
    },
  },
];

const event: Example<DeviceEvent>[] = [
  {
    name: "checkin",
    summary: "What came of the guest's command",
    payload: {
      id: EVENT,
      seq: 41,
      status: "checkin",
      scent: "wood",
      commandId: CHECK_IN,
      sessionId: SESSION,
      at: "2026-03-01T12:00:41.295Z",
      traceparent: `00-${TRACE_ID}-6e0c63257de34c92-01`,
    },
  },
  {
    name: "timein",
    summary: "The window of a schedule has opened",
    payload: {
      id: "019cabd8-380c-7d13-93f8-1e7a5b04c6d2",
      seq: 42,
      status: "timein",
      scent: "air",
      startTime: "08:00:00",
      endTime: "12:00:00",
      commandId: SCHEDULE,
      at: "2026-03-02T00:00:00.012Z",
    },
  },
];

const state: Example<PodState>[] = [
  {
    name: "full",
    summary: "All that the contract names",
    payload: {
      diffusing: "wood",
      at: "2026-03-01T14:27:20.384Z",
      capsules: { fire: 9.5, wood: 6.2, air: 0.8 },
      low: ["air"],
      intensity: 2,
      stay: "wood",
      schedule: {
        scent: "air",
        startTime: "08:00:00",
        endTime: "12:00:00",
        timeZone: "Asia/Hong_Kong",
        startsAt: "2026-03-02T00:00:00.000Z",
        endsAt: "2026-03-02T04:00:00.000Z",
      },
      uptimeS: 86_912,
      rssi: -58,
      firmware: "2.4.1",
    },
  },
  { name: "least", summary: "The least", payload: { diffusing: null, at: "2026-03-01T11:58:02.771Z" } },
];

const status: Example<PodStatus>[] = [
  {
    name: "online",
    summary: "After a connection",
    payload: { state: "online", firmware: "2.4.1", at: "2026-03-01T11:58:02.764Z" },
  },
  {
    name: "lost",
    summary: "The last will",
    payload: { state: "lost", firmware: "2.4.1", at: "2026-03-01T11:58:02.731Z" },
  },
];

/** What is really said on each topic: a guest's answer, an operator's wish, and what the pod makes of them. */
export const EXAMPLES: Record<PodTopic, Example<object>[]> = {
  "down/command": command,
  "down/event-ack": [{ name: "acknowledged", summary: "The check-in is on disk", payload: { eventId: EVENT } }],
  "up/reply": reply,
  "up/event": event,
  "up/state": state,
  "up/status": status,
};
