// What the second tabs of device-keyring.test.ts load.

export { openRecord } from '../../src/crypto/open-record.ts';
export { sealRecord } from '../../src/crypto/seal-record.ts';
export { deviceKeyring } from '../../src/vault/device-keyring.ts';
