/** What is said of the addresses of the device database. */
import type { AddressGroup } from "../plumbing/http-api.ts";
import { flowListSchema, flowStreamSchema, newCommandSchema, newDeviceSchema } from "./contract.ts";
import {
  deliveryListSchema,
  operatorMoveSchema,
  pauseSchema,
  reconcileSchema,
  resumeSchema,
} from "./delivery-contract.ts";

const DEVICES: AddressGroup = {
  title: "Devices",
  about: "The registry, what is known of each device, and commands of operators.",
  addresses: {
    "GET /api/devices": { about: "All devices: `{data}`, a row for each." },
    "GET /api/devices/:serial": {
      about:
        "One device: its row of the registry, when it last said anything, what it was asked for and what it reports.",
    },
    "POST /api/devices": {
      about: "Registers a device. 201 with its row and its MQTT password, which is told here only.",
      body: newDeviceSchema,
    },
    "POST /api/devices/:serial/commands": {
      about: "Asks a pod for something. 202 with the command, which is repeated until the pod replies.",
      body: newCommandSchema,
    },
    "POST /api/devices/:serial/{enable,disable}": {
      about: "Lets a device come back, or cuts it off and makes its card lead nowhere.",
    },
    "POST /api/devices/:serial/rotate": { about: "Gives it a new MQTT password, and tells it." },
    "POST /api/devices/:serial/rotate-link": { about: "Makes its older launch links invalid." },
  },
};

const DELIVERIES: AddressGroup = {
  title: "Deliveries",
  about:
    "What the ERP was told and what it still has to be told. [deliveries.md](../deliveries.md) has the states and when a person has to decide.",
  addresses: {
    "GET /api/deliveries": { about: "Newest first: `{data}`.", query: deliveryListSchema },
    "GET /api/deliveries/:id": { about: "One with every change of its state." },
    "POST /api/deliveries/:id/{resend,discard,mark-delivered}": {
      about: "What a person decides. 409 where it may not be. A resend that is a dry run answers `{wouldSend}`.",
      body: operatorMoveSchema,
    },
    "GET /api/lanes": { about: "Devices whose deliveries are paused: `{data}` with the reason of each." },
    "POST /api/deliveries/pause": { about: "Sends nothing more of one device, or of all.", body: pauseSchema },
    "POST /api/deliveries/resume": { about: "Goes on with one device, or with all.", body: resumeSchema },
    "POST /api/deliveries/reconcile": {
      about: "Asks the ERP what it has, settles what that proves, and compares both sides. Nothing is sent again.",
      body: reconcileSchema,
    },
  },
};

const FLOWS: AddressGroup = {
  title: "The live flow",
  about: "What each session went through. [live-flow.md](../live-flow.md) explains flows and hops.",
  addresses: {
    "GET /api/sessions/:id": { about: "One session with its command, event, delivery and hops." },
    "GET /api/flows": { about: "Newest first: `{data}`.", query: flowListSchema },
    "GET /api/flow": { about: "Server-sent events `hop` as they happen.", query: flowStreamSchema },
  },
};

const CONSOLE: AddressGroup = {
  title: "The console",
  about: "Pages for people, which work without a script.",
  addresses: {
    "GET /": { about: "The live flow." },
    "GET /flow/:id": { about: "One session, hop by hop." },
    "GET /devices": { about: "All devices." },
    "GET /devices/:serial": { about: "One device, and buttons to command it." },
    "GET /deliveries": { about: "Deliveries, by their states." },
    "GET /deliveries/:id": { about: "One with its evidence, and buttons to settle it." },
    "GET /health": { about: "How the parts are." },
    "GET /docs": { about: "The MQTT contract, to read." },
    "GET /docs/asyncapi.json": { about: "The same as an AsyncAPI document." },
    "{GET,POST} /sign-in": { about: "Asks for the operator's key, where that is needed." },
    "POST /sign-out": { about: "Ends the browser's session." },
    "POST /console/deliveries/:id/{resend,discard,mark-delivered}": { about: "The buttons of a delivery." },
    "POST /console/devices/:id/{enable,disable,commands}": { about: "The buttons of a device." },
    "POST /console/lanes/resume": { about: "The button that goes on with what is paused." },
    "GET /assets/{console.css,console.js}": { about: "Style and script of the pages." },
  },
};

export const DEVICE_DB_API: readonly AddressGroup[] = [DEVICES, DELIVERIES, FLOWS, CONSOLE];
