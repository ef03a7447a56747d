export type { DeviceKeyringOptions } from './device-keyring.ts';
export { deviceKeyring } from './device-keyring.ts';
