/** The devices of the demo hotel. */
export const SERIAL = "HKAP0100000001";
export const OTHER_SERIAL = "dev-0001";

/** The MQTT password of a device or a service where tests register them. */
export const passwordOf = (user: string) => `password-of-${user}`;
