export type { ContractCase } from './contract-case.ts';
export { recordBackendContract } from './record-backend-contract.ts';
export type { StaleKv, StaleKvListing, StaleKvNamespace, StaleKvOptions } from './stale-kv.ts';
export { staleKv } from './stale-kv.ts';
export { tokenStoreContract } from './token-store-contract.ts';
