import { portSetting } from "../plumbing/config.ts";

export const deviceSimSettings = {
  DEVICE_SIM_PORT: portSetting(3980),
};

/** `newPassword` is asked for after the broker refused the one before. */
export type PodAccount = { serial: string; password: string; newPassword?: (() => string) | undefined };

export type DeviceSimConfig = {
  host: string;
  port: number;
  dataDir: string;
  mqttUrl: string;
  /** PEM of the authority behind the broker's certificate; absent means those that Node trusts. */
  mqttCa?: string | undefined;
  pods: readonly PodAccount[];
  /** Who has it may lay hands on the pods. */
  operatorKey: string;
  /** Of the rooms, as forms propose it. */
  timeZone: string;
  /** How many times as fast as ours the pods' time goes. */
  speed: number;
};
